// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IServiceRegistry, ServiceParams } from "../../../contracts/interfaces/staking/IServiceRegistry.sol";
import { IStakePool } from "../../../contracts/interfaces/staking/IStakePool.sol";
import { MeddlingVerifierMock } from "../../support/MeddlingVerifierMock.sol";
import { StakingFixture } from "../../support/StakingFixture.sol";
import { vm } from "../../support/Vm.sol";

/// @notice What audits found in Symbiotic's core, and our own reading in 0G's restaking contracts, tried on us. One test for
/// each finding.
contract AuditFindingsSymbioticTest is StakingFixture {
    uint32 private _service;

    function setUp() public override {
        super.setUp();
        _service = _createService(0, WAD);
        _deposit(ALICE, OPERATOR, 1000);
    }

    /// @notice Certora H-01, ChainSecurity 6.1 and 6.5, OtterSec: executing the later slash first blocks the earlier one.
    function test_ALaterOffencePunishedFirstBlocksNoEarlierOne() public {
        _expose(OPERATOR, _service, WAD);
        uint48 earlier = time;
        _skip(3 * EPOCH);
        slasher.submit(_service, _evidence(OPERATOR, "later", time, 0.1e18));
        _skip(EPOCH);
        _equal(slasher.submit(_service, _evidence(OPERATOR, "earlier", earlier, 0.2e18)), 200, "in full");
        _equal(pool.stakeOf(OPERATOR), 700, "both");
    }

    /// @notice Certora M-01, ChainSecurity 7.1: after a few full slashes shares overflow, and the vault is dead.
    function test_ManyFullSlashesDoNotWearOutAnOperator() public {
        _expose(OPERATOR, _service, WAD);
        for (uint256 i = 0; i < 12; ++i) {
            slasher.submit(_service, _evidence(OPERATOR, bytes32(i), time, WAD));
            _equal(_deposit(BOB, OPERATOR, 1000), 1000, "shares");
            vm.prank(OPERATOR);
            services.setMagnitude(1, WAD);
            _skip(DELAY + EPOCH);
        }
        _equal(pool.generationOf(OPERATOR), 12, "generations");
        _equal(pool.stakeOf(OPERATOR), 1000, "stake");
    }

    /// @notice Certora M-06: a tiny slash makes a withdrawal of an amount of assets fail.
    function test_ATinySlashDoesNotStopAWithdrawal() public {
        _expose(OPERATOR, _service, WAD);
        uint256 shares = pool.sharesOf(OPERATOR, ALICE);
        _slash(_service, "a", 1);
        uint256 id = _request(ALICE, OPERATOR, shares);
        _skip(DELAY + 1);
        _equal(_withdraw(ALICE, id), 999, "what is left");
    }

    /// @notice Certora M-02 and L-04: a hook starves a slash of gas, or enters again and reverts it.
    function test_NothingButTheVerifierRunsDuringASlashAndItCannotAct() public {
        MeddlingVerifierMock meddling = new MeddlingVerifierMock();
        ServiceParams memory params = _params(0, WAD);
        params.evidenceVerifier = address(meddling);
        params.sink = address(meddling);
        uint32 own = services.createService(params);
        _expose(OPERATOR, own, WAD);
        meddling.setCall(address(pool), abi.encodeCall(IStakePool.sweep, (address(0))));
        bytes memory evidence = _evidence(OPERATOR, "a", time, 0.5e18);
        vm.expectRevert(MeddlingVerifierMock.MeddlingVerifierMockFailed.selector);
        slasher.submit(own, evidence);
        meddling.setCall(address(0), "");
        _equal(slasher.submit(own, evidence), 500, "and the sink is a contract that is not called");
        _equal(pool.owedWei(address(meddling)), 500, "owed to it");
    }

    /// @notice Certora L-03: a lower limit takes effect at once and dodges a slash that everybody saw coming.
    function test_ALowerMagnitudeDodgesNothing() public {
        _expose(OPERATOR, _service, WAD);
        vm.prank(OPERATOR);
        services.setMagnitude(1, 0);
        _skip(DELAY);
        _equal(_slash(_service, "a", WAD), 1000, "to the last second");
    }

    /// @notice Cantina 3.1.1: withdrawals between capture and execution protect the rest of the stake.
    function test_LeavingBetweenOffenceAndVerdictDoesNotHelp() public {
        _expose(OPERATOR, _service, WAD);
        uint48 capturedAt = time;
        _skip(1);
        uint256 id = _request(ALICE, OPERATOR, 1000);
        _deposit(BOB, OPERATOR, 1000);
        _skip(DELAY - 1);
        _equal(
            slasher.submit(_service, _evidence(OPERATOR, "a", capturedAt, 0.5e18)),
            1000,
            "what left and what stays"
        );
        _skip(2);
        _equal(_withdraw(ALICE, id), 500, "shares in it");
    }

    /// @notice Cantina 3.1.4: slashes summed per operator ignore others and slash shared stake too much.
    function testFuzz_AllServicesOfAGroupTogetherTakeNoMoreThanTheGroup(
        uint64 magnitude,
        uint64[3] memory wads
    ) public {
        uint32 sharing = _createService(1, WAD);
        uint32 other = _createService(0, WAD);
        uint64 m = (magnitude % (WAD - 1)) + 1;
        _deposit(BOB, OPERATOR, 1e24);
        _expose(OPERATOR, other, WAD - m);
        vm.prank(OPERATOR);
        services.join(sharing);
        _expose(OPERATOR, _service, m);
        uint256 stake = pool.stakeOf(OPERATOR);
        uint256 slashed;
        for (uint256 i = 0; i < 3; ++i) {
            slashed += _slash(i == 1 ? sharing : _service, bytes32(i), (wads[i] % WAD) + 1);
        }
        require(slashed <= (stake * m) / WAD, "the group's part of the stake");
        _equal(services.magnitudeAt(2, OPERATOR, time), WAD - m, "the other group's magnitude");
    }

    /// @notice CoreV2 Issue_02 and Issue_03: donations and the first depositor inflate the price through `balanceOf`.
    function test_ADonationDoesNotMoveAPrice() public {
        address operator = address(0x0A02);
        _register(operator);
        _deposit(BOB, operator, 1);
        token.mint(address(pool), 1e30);
        _equal(_deposit(ALICE, operator, 1000), 1000, "shares");
        _equal(pool.stakeOf(operator), 1001, "stake");
    }

    /// @notice CoreV2 Issue_05: an instant withdrawal runs ahead of a loss.
    function test_NoWithdrawalRunsAheadOfALoss() public {
        _expose(OPERATOR, _service, WAD);
        uint256 id = _request(ALICE, OPERATOR, 1000);
        vm.expectRevert(abi.encodeWithSelector(IStakePool.StakePoolNotMatured.selector, id, time + DELAY + 1));
        vm.prank(ALICE);
        pool.withdraw(id, ALICE);
        _equal(_slash(_service, "a", WAD), 1000, "it waits, and is slashed");
    }

    /// @notice CoreV2 Issue_22: rounding burns queued shares for nothing.
    function testFuzz_SplittingAWithdrawalCostsAUnitForEachPartAtMost(uint64 wad, uint96 assets, uint96 first) public {
        uint256 shares = _deposit(BOB, OPERATOR, uint256(assets) + 2);
        _expose(OPERATOR, _service, WAD);
        _slash(_service, "a", (wad % (WAD - 1e9)) + 1);
        uint256 whole = (shares * pool.indexAt(OPERATOR, 0, time)) / RAY;
        uint256 part = (first % (shares - 1)) + 1;
        uint256 one = _request(BOB, OPERATOR, part);
        uint256 two = _request(BOB, OPERATOR, shares - part);
        _skip(DELAY + 1);
        uint256 paid = _withdraw(BOB, one) + _withdraw(BOB, two);
        require(paid <= whole && paid + 1 >= whole, "parts");
    }

    /// @notice CoreV2 Issue_46: a slash does not keep the operator from being given new duties.
    function test_AVerdictKeepsTheOperatorFromNewDuties() public {
        _expose(OPERATOR, _service, WAD);
        _equal(pool.availableWei(_service, OPERATOR), 1000, "before");
        _slash(_service, "a", 0.1e18);
        require(services.isJailedAt(_service, OPERATOR, time), "jailed");
        _equal(pool.availableWei(_service, OPERATOR), 0, "no new obligation");
        vm.expectRevert(abi.encodeWithSelector(IStakePool.StakePoolInsufficientStake.selector, 0, 1));
        vm.prank(OBLIGOR);
        pool.reserve(_service, OPERATOR, 1);
        _skip(DELAY);
        require(!services.isObligable(_service, OPERATOR), "to the end of the delay");
        _skip(1);
        _equal(pool.availableWei(_service, OPERATOR), 900, "free again");
    }

    /// @notice Relay, Sherlock M-5: the length of an epoch changes under those who count in it.
    function test_NoParameterOfAServiceOrTheRegistryChanges() public {
        bytes32 parametersBefore = keccak256(abi.encode(services.service(_service)));
        _createService(1, 0.5e18);
        _createService(0, WAD);
        require(keccak256(abi.encode(services.service(_service))) == parametersBefore, "parameters");
        _equal(services.epochSeconds(), EPOCH, "epoch");
        _equal(services.delaySeconds(), operators.delaySeconds(), "one delay");
    }

    /// @notice Relay, Sherlock M-7: stake leaves before the power of the set that it stands in ends.
    function test_StakeThatSignedIsThereForAsLongAsItsEvidence() public {
        _expose(OPERATOR, _service, WAD);
        uint256 weight = services.weightAt(_service, OPERATOR, time);
        uint48 signedAt = time;
        _request(ALICE, OPERATOR, 1000);
        vm.prank(OPERATOR);
        services.quit(_service);
        _skip(DELAY);
        _equal(slasher.submit(_service, _evidence(OPERATOR, "a", signedAt, WAD)), weight, "all of its weight");
    }

    /// @notice Relay, Cyfrin 7.1.1: a failing price oracle leaves operators without power.
    function test_WeightsNeedNoPrice() public {
        _expose(OPERATOR, _service, 0.5e18);
        _equal(services.weightAt(_service, OPERATOR, time), 500, "stake at risk, in the token itself");
    }

    /// @notice 0G restaking: slashing and vetoing are powers of keys instead of proofs.
    function test_NoAccountSlashesAndNoneVetoes() public {
        _expose(OPERATOR, _service, WAD);
        address[3] memory accounts = [address(this), OBLIGOR, GUARDIAN];
        for (uint256 i = 0; i < accounts.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IStakePool.StakePoolNotSlasher.selector, accounts[i]));
            vm.prank(accounts[i]);
            pool.slash(OPERATOR, 0, WAD, address(0));
            vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.ServiceRegistryNotSlasher.selector, accounts[i]));
            vm.prank(accounts[i]);
            services.punish(_service, OPERATOR, time, WAD);
        }
        vm.prank(GUARDIAN);
        services.pause();
        _equal(_slash(_service, "a", WAD), 1000, "not even by a pause");
    }

    /// @notice 0G restaking: a slash loops over vaults and subnetworks.
    function test_TheCostOfASlashDoesNotGrow() public {
        _expose(OPERATOR, _service, WAD);
        for (uint160 i = 1; i <= 60; ++i) {
            address user = address(0x9000 + i);
            _deposit(user, OPERATOR, 1000);
            _skip(DELAY / 100);
            _request(user, OPERATOR, 500);
            _createService(1, WAD);
        }
        bytes memory evidence = _evidence(OPERATOR, "a", time, 0.1e18);
        uint256 gasBefore = gasleft();
        slasher.submit(_service, evidence);
        require(gasBefore - gasleft() < 300_000, "gas");
    }
}
