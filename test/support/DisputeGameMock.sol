// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IJobDisputes } from "../../contracts/interfaces/compute/IDisputeGame.sol";
import { IJobRegistry } from "../../contracts/interfaces/compute/IJobRegistry.sol";
import { IProgramRegistry } from "../../contracts/interfaces/compute/IProgramRegistry.sol";

/// @notice A game whose games and verdicts are set by hand.
contract DisputeGameMock is IJobDisputes {
    mapping(uint256 jobId => mapping(uint32 claimNumber => uint256)) public openGames;

    mapping(uint256 jobId => mapping(address operator => uint256)) public openPartGames;

    mapping(uint256 auditId => uint256) public openAuditGames;

    IProgramRegistry public programs;
    address public jobs;

    function setPrograms(IProgramRegistry programs_) external {
        programs = programs_;
    }

    function bind(uint48) external {
        jobs = msg.sender;
    }

    function setOpenPartGames(uint256 jobId, address operator, uint256 games) external {
        openPartGames[jobId][operator] = games;
    }

    function setOpenGames(uint256 jobId, uint32 claimNumber, uint256 games) external {
        openGames[jobId][claimNumber] = games;
    }

    function refute(IJobRegistry registry, uint256 jobId, uint32 claimNumber, address winner) external {
        registry.refute(jobId, claimNumber, winner);
    }
}
