// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IRewardStream } from "../../../contracts/interfaces/staking/IRewardStream.sol";
import { TokenMock } from "../../../contracts/mocks/TokenMock.sol";
import { StakePool } from "../../../contracts/staking/StakePool.sol";
import { StakingFixture } from "../../support/StakingFixture.sol";
import { vm } from "../../support/Vm.sol";

/// @notice Two operators, three users, fundings, claims and slashes as the fuzzer asks for, and beside them the rewards
/// written down a second time, in the plainest way: epoch by epoch, funding by funding, user by user.
contract RewardHandler is StakingFixture {
    struct Funding {
        uint256 amountWei;
        uint256 partsLeft;
    }

    /// @dev What the stream of one operator must be. `carry` is what the last epoch could not divide.
    struct Model {
        Funding[] fundings;
        uint32 generation;
        uint256 carry;
        uint256 grossWei;
        uint256 commissionWei;
        uint16 commissionBps;
    }

    address public constant SECOND = address(0x0A02);
    uint256 public constant USERS = 3;
    uint256 private constant _SCALE = 2 ** 120;

    mapping(address operator => Model) private _models;
    mapping(address operator => mapping(uint32 generation => mapping(address user => uint256))) public sharesOf;
    mapping(address operator => mapping(uint32 generation => mapping(address user => uint256))) public earnedScaled;
    mapping(address operator => mapping(uint32 generation => mapping(address user => uint256))) public claimedWei;
    mapping(address operator => uint256) public commissionClaimedWei;
    uint256 private _offences;

    constructor() {
        setUp();
        _register(SECOND);
        _createService(0, WAD);
        for (uint256 i = 0; i < 2; ++i) _expose(operatorAt(i), 1, WAD);
    }

    function deposit(uint256 seed, uint96 assets) external {
        address operator = operatorAt(seed / 3);
        uint32 generation = pool.generationOf(operator);
        uint256 amountWei = (seed % 2 == 0 ? assets % 1000 : assets) + 1;
        sharesOf[operator][generation][user(seed)] += _deposit(user(seed), operator, amountWei);
        if (_models[operator].fundings.length != 0) _models[operator].generation = generation;
    }

    function request(uint256 seed, uint256 portion) external {
        address operator = operatorAt(seed / 3);
        uint32 generation = pool.generationOf(operator);
        if (seed % 5 == 0 && generation > 0) --generation;
        uint256 held = sharesOf[operator][generation][user(seed)];
        if (held == 0) return;
        uint256 shares = seed % 4 == 0 ? held : (portion % held) + 1;
        vm.prank(user(seed));
        pool.requestWithdrawFrom(operator, generation, shares);
        sharesOf[operator][generation][user(seed)] -= shares;
    }

    function fund(uint256 seed, uint96 amount) external {
        address operator = operatorAt(seed);
        uint256 amountWei = (seed % 3 == 0 ? amount % 20 : amount) + 1;
        Model storage model = _models[operator];
        _fund(operator, amountWei);
        uint256 commission = (amountWei * model.commissionBps) / 10_000;
        model.grossWei += amountWei;
        model.commissionWei += commission;
        if (commission == amountWei) return;
        model.fundings.push(Funding(amountWei - commission, DRIP_EPOCHS));
        model.generation = pool.generationOf(operator);
    }

    function claim(uint256 seed) external {
        address operator = operatorAt(seed / 3);
        uint32 generation = pool.generationOf(operator);
        if (seed % 5 == 0 && generation > 0) --generation;
        if (rewards.claimableWei(operator, generation, user(seed)) == 0) return;
        vm.prank(user(seed));
        claimedWei[operator][generation][user(seed)] += rewards.claim(operator, generation, address(0xCAFE));
    }

    function claimCommission(uint256 seed) external {
        address operator = operatorAt(seed);
        if (rewards.commissionOwedWei(operator) == 0) return;
        vm.prank(operator);
        commissionClaimedWei[operator] += rewards.claimCommission(address(0xCAFE));
    }

    /// @dev Mostly small slashes, sometimes all, which retires the generation.
    function slash(uint256 seed, uint64 wad) external {
        bytes memory evidence = _evidence(
            operatorAt(seed),
            bytes32(++_offences),
            time,
            seed % 5 == 0 ? WAD : (wad % 0.1e18) + 1
        );
        try slasher.submit(1, evidence) {} catch {}
    }

    /// @dev Waits for a rise to hold, so that the model needs no clock for it.
    function setCommission(uint256 seed, uint16 bps) external {
        address operator = operatorAt(seed);
        bps = seed % 7 == 0 ? 10_000 : bps % 3000;
        vm.prank(operator);
        operators.setCommission(bps);
        if (bps > _models[operator].commissionBps) _pass(DELAY);
        _models[operator].commissionBps = bps;
    }

    /// @dev A second to three epochs; now and then longer than a funding lasts.
    function pass(uint256 seed, uint24 byHowMuch) external {
        _pass(seed % 8 == 0 ? byHowMuch % (15 * EPOCH) : (byHowMuch % (3 * EPOCH)) + 1);
    }

    function user(uint256 seed) public pure returns (address) {
        return address(uint160(0xC0DE + (seed % USERS)));
    }

    function operatorAt(uint256 seed) public pure returns (address) {
        return seed % 2 == 0 ? OPERATOR : SECOND;
    }

    function parts() external view returns (TokenMock, StakePool, IRewardStream) {
        return (token, pool, rewards);
    }

    function modelOf(address operator) external view returns (Model memory) {
        return _models[operator];
    }

    /// @dev What the user must have got and be able to get.
    function earnedWei(address operator, uint32 generation, address user_) external view returns (uint256) {
        return earnedScaled[operator][generation][user_] / (_SCALE * DRIP_EPOCHS);
    }

    /// @dev What is left to drip, in parts of a wei.
    function pendingUnits(address operator) public view returns (uint256 units) {
        Funding[] storage fundings = _models[operator].fundings;
        for (uint256 i = 0; i < fundings.length; ++i) units += fundings[i].amountWei * fundings[i].partsLeft;
    }

    function _pass(uint48 seconds_) private {
        uint256 epochs = (time + seconds_) / EPOCH - time / EPOCH;
        for (uint256 i = 0; i < epochs; ++i) {
            for (uint256 o = 0; o < 2; ++o) _beginEpoch(operatorAt(o));
        }
        _skip(seconds_);
    }

    /// @dev Divides one epoch's part among those who hold shares as it begins.
    function _beginEpoch(address operator) private {
        Model storage model = _models[operator];
        uint32 generation = model.generation;
        uint256 total;
        for (uint256 u = 0; u < USERS; ++u) total += sharesOf[operator][generation][user(u)];
        if (total == 0) return;
        uint256 scaled = model.carry + _part(model.fundings) * _SCALE;
        for (uint256 u = 0; u < USERS; ++u) {
            uint256 shares = sharesOf[operator][generation][user(u)];
            earnedScaled[operator][generation][user(u)] += shares * (scaled / total);
        }
        model.carry = scaled % total;
    }

    function _part(Funding[] storage fundings) private returns (uint256 units) {
        for (uint256 i = 0; i < fundings.length; ++i) {
            if (fundings[i].partsLeft == 0) continue;
            fundings[i].partsLeft -= 1;
            units += fundings[i].amountWei;
        }
    }
}
