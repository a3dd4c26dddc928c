// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IERC20Errors } from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { TokenMock } from "../../../contracts/mocks/TokenMock.sol";
import { IModelShares } from "../../../contracts/interfaces/models/IModelShares.sol";
import { ModelRegistry } from "../../../contracts/models/ModelRegistry.sol";
import { ModelShares } from "../../../contracts/models/ModelShares.sol";
import { deployArtifact } from "../../support/Deploy.sol";
import { AllocationTool } from "../../support/AllocationTool.sol";
import { ModelsFixture } from "../../support/ModelsFixture.sol";
import { vm } from "../../support/Vm.sol";

/// @dev Takes one in a hundred of every transfer.
contract FeeToken is TokenMock {
    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (from != address(0) && to != address(0)) super._update(to, address(0), value / 100);
    }
}

/// @dev Calls back into the shares while it moves.
contract HookToken is TokenMock {
    ModelShares private _target;
    bytes private _call;

    function hook(ModelShares target, bytes calldata data) external {
        (_target, _call) = (target, data);
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (address(_target) == address(0)) return;
        (bool success, bytes memory reason) = address(_target).call(_call);
        if (success) return;
        assembly ("memory-safe") {
            revert(add(reason, 0x20), mload(reason))
        }
    }
}

contract ModelSharesRevenueTest is ModelsFixture {
    using AllocationTool for AllocationTool.Files;

    AllocationTool.Files private _files;
    ModelShares private _shares;

    function setUp() public {
        deployModels();
        _files = threeOwners(3, 3, 1);
        (, _shares) = publish(createModel(ALICE), _files);
    }

    function test_distribute_spreadsOverTheSupply() public {
        _claimAll();
        token.mint(address(this), 700);
        token.approve(address(_shares), 700);
        vm.expectEmit();
        emit IModelShares.RevenueDistributed(address(this), 700);
        require(_shares.distribute(700) == 700, "all of it arrived");

        require(_shares.receivedWei() == 700 && _shares.paidWei() == 0, "the accounts are kept");
        require(_shares.claimableWei(ALICE) == 300 && _shares.claimableWei(CAROL) == 100, "in proportion");
    }

    function test_distribute_refusesNothing() public {
        vm.expectRevert(IModelShares.ModelSharesNoRevenue.selector);
        _shares.distribute(0);
    }

    function test_distribute_refusesWhatTheCallerHasNot() public {
        token.approve(address(_shares), 5);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, address(this), 0, 5));
        _shares.distribute(5);
        require(_shares.receivedWei() == 0, "nothing was credited");
    }

    function test_distribute_isBounded() public {
        uint256 most = type(uint128).max;
        pay(_shares, most);
        token.mint(address(this), 1);
        token.approve(address(_shares), 1);
        vm.expectRevert(abi.encodeWithSelector(IModelShares.ModelSharesTooMuchRevenue.selector, most + 1, most));
        _shares.distribute(1);
        require(token.balanceOf(address(this)) == 1, "the token stayed");
    }

    function test_distribute_atTheLimitsPaysOut() public {
        (, ModelShares shares) = publish(createModel(BOB), threeOwners(1 << 62, (1 << 62) - 2, 1));
        threeOwners(1 << 62, (1 << 62) - 2, 1).claim(shares, 0);
        pay(shares, type(uint128).max);
        vm.prank(ALICE);
        uint256 paidWei = shares.withdraw(ALICE);
        require(paidWei == (uint256(type(uint128).max) << 62) / uint256(uint64(type(int64).max)), "exact to the wei");
    }

    function test_distribute_creditsWhatArrivesOfATokenWithFees() public {
        token = new FeeToken();
        models = ModelRegistry(deployArtifact("models", "ModelRegistry", abi.encode(token)));
        (, ModelShares shares) = publish(createModel(ALICE), threeOwners(3, 3, 1));
        pay(shares, 1_000);
        require(shares.receivedWei() == 990 && token.balanceOf(address(shares)) == 990, "what arrived");
    }

    function test_distribute_refusesTheImplementation() public {
        ModelShares implementation = ModelShares(models.sharesImplementation());
        token.mint(address(this), 5);
        token.approve(address(implementation), 5);
        vm.expectRevert(IModelShares.ModelSharesNotInitialized.selector);
        implementation.distribute(5);
    }

    function test_sync_creditsStrayTokensOnce() public {
        _claimAll();
        pay(_shares, 70);
        vm.prank(ALICE);
        _shares.withdraw(ALICE);
        token.mint(address(_shares), 7);
        require(_shares.sync() == 7 && _shares.receivedWei() == 77, "found and credited");
        vm.expectRevert(IModelShares.ModelSharesNoRevenue.selector);
        _shares.sync();
        require(_shares.claimableWei(ALICE) == 3 && _shares.claimableWei(BOB) == 33, "spread as revenue");
    }

    function test_claim_bringsRevenueSinceTheFirstDay() public {
        _files.claim(_shares, 1);
        pay(_shares, 70);
        require(_shares.claimableWei(address(_shares)) == 40, "the escrow earns");
        _files.claim(_shares, 0);
        require(_shares.claimableWei(ALICE) == 30 && _shares.claimableWei(BOB) == 30, "late and early are equal");
        pay(_shares, 70);
        _files.claim(_shares, 2);
        require(_shares.claimableWei(CAROL) == 20 && _shares.claimableWei(address(_shares)) == 0, "nothing is left");
    }

    function test_withdraw_paysOnce() public {
        _claimAll();
        pay(_shares, 100);
        vm.expectEmit();
        emit IModelShares.RevenueWithdrawn(ALICE, BOB, 42);
        vm.prank(ALICE);
        require(_shares.withdraw(BOB) == 42, "3/7 of 100, rounded down");
        require(token.balanceOf(BOB) == 42 && _shares.paidWei() == 42, "paid to the receiver");

        vm.expectRevert(abi.encodeWithSelector(IModelShares.ModelSharesNothingOwed.selector, ALICE));
        vm.prank(ALICE);
        _shares.withdraw(ALICE);
        require(_shares.owedScaled(ALICE) == 6, "6/7 wei stays owed");
    }

    function test_withdraw_keepsFractionsForLater() public {
        _claimAll();
        for (uint256 i = 0; i < 7; ++i) {
            pay(_shares, 1);
            if (_shares.claimableWei(ALICE) > 0) {
                vm.prank(ALICE);
                _shares.withdraw(ALICE);
            }
        }
        require(token.balanceOf(ALICE) == 3 && _shares.owedScaled(ALICE) == 0, "seven times one is seven");
    }

    function test_withdraw_refusesBadReceivers() public {
        _claimAll();
        pay(_shares, 70);
        vm.expectRevert(abi.encodeWithSelector(IModelShares.ModelSharesBadReceiver.selector, address(0)));
        vm.prank(ALICE);
        _shares.withdraw(address(0));
        vm.expectRevert(abi.encodeWithSelector(IModelShares.ModelSharesBadReceiver.selector, address(_shares)));
        vm.prank(ALICE);
        _shares.withdraw(address(_shares));
        require(_shares.claimableWei(ALICE) == 30, "nothing was paid");
    }

    function test_transfer_carriesNoPastRevenue() public {
        _claimAll();
        pay(_shares, 70);
        vm.prank(ALICE);
        _shares.transfer(BOB, 3);
        require(_shares.claimableWei(ALICE) == 30 && _shares.claimableWei(BOB) == 30, "both keep what they earned");
        pay(_shares, 70);
        require(
            _shares.claimableWei(ALICE) == 30 && _shares.claimableWei(BOB) == 90,
            "the new owner earns from now on"
        );
        vm.prank(ALICE);
        require(_shares.withdraw(ALICE) == 30, "without shares the past is still paid");
    }

    function test_transfer_toSelfAndOfNothingChangeNothing() public {
        _claimAll();
        pay(_shares, 100);
        vm.prank(ALICE);
        _shares.transfer(ALICE, 3);
        vm.prank(CAROL);
        _shares.transfer(ALICE, 0);
        require(_shares.owedScaled(ALICE) == 300 && _shares.owedScaled(CAROL) == 100, "what is owed is the same");
        require(_shares.balanceOf(ALICE) == 3, "so is the balance");
    }

    function test_transfer_refusesTheEscrow() public {
        _claimAll();
        vm.expectRevert(abi.encodeWithSelector(IModelShares.ModelSharesBadReceiver.selector, address(_shares)));
        vm.prank(ALICE);
        _shares.transfer(address(_shares), 1);
    }

    function testFuzz_transfer_isNeutral(
        uint64[3] memory amounts,
        uint128 beforeWei,
        uint128 afterWei,
        uint64 part
    ) public {
        AllocationTool.Files memory files = threeOwners(1 + amounts[0] / 8, 1 + amounts[1] / 8, 1 + amounts[2] / 8);
        (, ModelShares shares) = publish(createModel(BOB), files);
        files.claim(shares, 0);
        files.claim(shares, 1);
        pay(shares, 1 + beforeWei / 2);
        uint256 alice = shares.owedScaled(ALICE);
        uint256 bob = shares.owedScaled(BOB);
        part = uint64(part % (files.amounts[0] + 1));
        vm.prank(ALICE);
        shares.transfer(BOB, part);
        require(shares.owedScaled(ALICE) == alice && shares.owedScaled(BOB) == bob, "a transfer moves no revenue");

        pay(shares, 1 + afterWei / 4);
        uint256 laterWei = 1 + uint256(afterWei / 4);
        require(
            shares.owedScaled(ALICE) == alice + laterWei * (files.amounts[0] - part),
            "the seller has less from now on"
        );
        require(shares.owedScaled(BOB) == bob + laterWei * (files.amounts[1] + part), "and the buyer more");
    }

    /// @dev Many small payments pay as much as one large one, whenever they are withdrawn.
    function testFuzz_distribute_losesNothingInSmallPayments(uint8[12] memory payments) public {
        _claimAll();
        uint256 totalWei = 0;
        for (uint256 i = 0; i < payments.length; ++i) {
            pay(_shares, 1 + uint256(payments[i]));
            totalWei += 1 + uint256(payments[i]);
            if (i % 3 == 2 && _shares.claimableWei(ALICE) > 0) {
                vm.prank(ALICE);
                _shares.withdraw(ALICE);
            }
        }
        require(token.balanceOf(ALICE) + _shares.claimableWei(ALICE) == (totalWei * 3) / 7, "equal to one payment");
    }

    function test_reentry_changesNothing() public {
        HookToken hooked = new HookToken();
        token = hooked;
        models = ModelRegistry(deployArtifact("models", "ModelRegistry", abi.encode(token)));
        AllocationTool.Files memory files = threeOwners(3, 3, 1);
        (, ModelShares shares) = publish(createModel(ALICE), files);
        files.claim(shares, 0);
        pay(shares, 70);

        bytes[3] memory calls = [
            abi.encodeCall(IModelShares.sync, ()),
            abi.encodeCall(IModelShares.distribute, (1)),
            abi.encodeCall(IModelShares.withdraw, (ALICE))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            hooked.hook(shares, calls[i]);
            vm.expectRevert(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
            vm.prank(ALICE);
            shares.withdraw(ALICE);
        }
        require(shares.receivedWei() == 70 && shares.paidWei() == 0, "the accounts are the same");
    }

    function _claimAll() private {
        for (uint256 i = 0; i < 3; ++i) _files.claim(_shares, i);
    }
}
