// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { TokenMock } from "../../contracts/mocks/TokenMock.sol";
import { ServiceParams } from "../../contracts/interfaces/staking/IServiceRegistry.sol";
import { IRewardStream } from "../../contracts/interfaces/staking/IRewardStream.sol";
import { ISlasher } from "../../contracts/interfaces/staking/ISlasher.sol";
import { OperatorRegistry } from "../../contracts/staking/OperatorRegistry.sol";
import { ServiceRegistry } from "../../contracts/staking/ServiceRegistry.sol";
import { StakePool } from "../../contracts/staking/StakePool.sol";
import { EvidenceVerifierMock } from "../../contracts/mocks/EvidenceVerifierMock.sol";
import { deployArtifact } from "./Deploy.sol";
import { vm } from "./Vm.sol";

/// @notice The staking contracts, one registered operator and a clock.
/// @dev The clock is kept in storage: the optimizer may read block.timestamp once for a whole function.
abstract contract StakingFixture {
    uint48 internal constant DELAY = 7 days;
    uint48 internal constant EPOCH = 1 hours;
    uint16 internal constant DRIP_EPOCHS = 10;
    uint64 internal constant WAD = 1e18;
    uint256 internal constant RAY = 1e27;
    address internal constant BURN = 0x000000000000000000000000000000000000dEaD;

    address internal constant OPERATOR = address(0x0A01);
    address internal constant OBLIGOR = address(0x0B01);
    address internal constant GUARDIAN = address(0x6A01);
    address internal constant ALICE = address(0xA11CE);
    address internal constant BOB = address(0xB0B);

    TokenMock internal token;
    OperatorRegistry internal operators;
    ServiceRegistry internal services;
    StakePool internal pool;
    ISlasher internal slasher;
    IRewardStream internal rewards;
    EvidenceVerifierMock internal verifier;
    uint48 internal time;

    function setUp() public virtual {
        _warp(1_800_000_000);
        token = new TokenMock();
        operators = OperatorRegistry(deployArtifact("staking", "OperatorRegistry", abi.encode(DELAY)));
        _deployStaking(new TokenMock());
        verifier = new EvidenceVerifierMock();
        _register(OPERATOR);
    }

    /// @dev Services and a pool of `token_`, for the operators that there are.
    function _deployStaking(TokenMock token_) internal {
        token = token_;
        services = ServiceRegistry(
            deployArtifact("staking", "ServiceRegistry", abi.encode(operators, EPOCH, GUARDIAN))
        );
        pool = StakePool(deployArtifact("staking", "StakePool", abi.encode(token, operators, services, DRIP_EPOCHS)));
        slasher = pool.slasher();
        rewards = pool.rewards();
    }

    function _warp(uint48 to) internal {
        time = to;
        vm.warp(to);
    }

    function _skip(uint48 byHowMuch) internal {
        _warp(time + byHowMuch);
    }

    function _register(address operator) internal {
        vm.prank(operator);
        operators.register(address(uint160(operator) + 0x1000000), "");
    }

    function _params(uint32 groupId, uint64 capWad) internal view returns (ServiceParams memory) {
        return
            ServiceParams({
                groupId: groupId,
                evidenceVerifier: address(verifier),
                maxObligationSeconds: DELAY,
                seats: 0,
                obligor: OBLIGOR,
                slashCapWad: capWad,
                sink: address(0)
            });
    }

    function _createService(uint32 groupId, uint64 capWad) internal returns (uint32) {
        return services.createService(_params(groupId, capWad));
    }

    /// @dev Announces membership and magnitude and waits until both hold.
    function _expose(address operator, uint32 serviceId, uint64 wad) internal {
        uint32 groupId = services.service(serviceId).groupId;
        vm.prank(operator);
        services.join(serviceId);
        vm.prank(operator);
        services.setMagnitude(groupId, wad);
        _skip(DELAY + EPOCH);
    }

    function _deposit(address user, address operator, uint256 assetsWei) internal returns (uint256 shares) {
        token.mint(user, assetsWei);
        vm.prank(user);
        token.approve(address(pool), assetsWei);
        vm.prank(user);
        return pool.deposit(operator, assetsWei, assetsWei);
    }

    /// @dev Rewards for an operator, from nobody in particular.
    function _fund(address operator, uint256 amountWei) internal {
        token.mint(address(this), amountWei);
        token.approve(address(rewards), amountWei);
        rewards.fund(operator, amountWei);
    }

    function _request(address user, address operator, uint256 shares) internal returns (uint256) {
        vm.prank(user);
        return pool.requestWithdraw(operator, shares);
    }

    function _withdraw(address user, uint256 withdrawalId) internal returns (uint256) {
        vm.prank(user);
        return pool.withdraw(withdrawalId, user);
    }

    function _evidence(
        address operator,
        bytes32 key,
        uint48 capturedAt,
        uint64 wad
    ) internal pure returns (bytes memory) {
        return abi.encode(operator, key, capturedAt, wad, address(0));
    }

    /// @dev A verdict on an offence of this second.
    function _slash(uint32 serviceId, bytes32 key, uint64 wad) internal returns (uint256) {
        return slasher.submit(serviceId, _evidence(OPERATOR, key, time, wad));
    }

    /// @dev All that was ever slashed and burnt, owed to the burn address, or set aside from that.
    function _slashedWei() internal view returns (uint256) {
        return token.balanceOf(BURN) + pool.owedWei(BURN) + pool.unpaidBountyWei(BURN);
    }

    function _equal(uint256 actual, uint256 expected, string memory what) internal pure {
        require(actual == expected, string.concat(what, ": ", _text(actual), " != ", _text(expected)));
    }

    function _text(uint256 value) private pure returns (string memory) {
        if (value < 10) return string(abi.encodePacked(bytes1(uint8(48 + value))));
        return string.concat(_text(value / 10), _text(value % 10));
    }
}
