// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { ISlasher } from "../../../contracts/interfaces/staking/ISlasher.sol";
import { TokenMock } from "../../../contracts/mocks/TokenMock.sol";
import { ServiceRegistry } from "../../../contracts/staking/ServiceRegistry.sol";
import { StakePool } from "../../../contracts/staking/StakePool.sol";
import { InvariantTargets } from "../../support/InvariantTargets.sol";
import { StakingHandler } from "./StakingHandler.t.sol";

/// @notice The stake that a theme's handler plays with.
abstract contract StakingInvariants is InvariantTargets {
    address internal constant BURN = 0x000000000000000000000000000000000000dEaD;

    TokenMock internal token;
    StakePool internal pool;
    ServiceRegistry internal services;
    ISlasher internal slasher;

    function actions() public pure virtual override returns (bytes4[] memory selectors) {
        selectors = new bytes4[](14);
        selectors[0] = StakingHandler.deposit.selector;
        selectors[1] = StakingHandler.request.selector;
        selectors[2] = StakingHandler.withdraw.selector;
        selectors[3] = StakingHandler.slash.selector;
        selectors[4] = StakingHandler.wipe.selector;
        selectors[5] = StakingHandler.report.selector;
        selectors[6] = StakingHandler.claimBounty.selector;
        selectors[7] = StakingHandler.setMagnitude.selector;
        selectors[8] = StakingHandler.changeMembership.selector;
        selectors[9] = StakingHandler.reserve.selector;
        selectors[10] = StakingHandler.release.selector;
        selectors[11] = StakingHandler.sweepAndDonate.selector;
        selectors[12] = StakingHandler.pause.selector;
        selectors[13] = StakingHandler.pass.selector;
    }

    function _use(StakingHandler handler_) internal {
        handler = address(handler_);
        (token, pool, services, , slasher, ) = handler_.parts();
    }

    function _now() internal view returns (uint48 time) {
        (, , , , , time) = StakingHandler(handler).parts();
    }
}
