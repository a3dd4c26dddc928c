// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IServiceInbox } from "../interfaces/staking/IServiceInbox.sol";
import { Certificate } from "../libraries/QuorumLib.sol";
import { Vote } from "../libraries/VoteLib.sol";

/// @title A service's contract on its own chain, for tests
/// @notice Shows every payload that a quorum certified, even two for one position.
contract PayloadBoardMock {
    IServiceInbox public immutable inbox;

    /// @param signers Bit i is 1 if row i of the epoch's table signed.
    event PayloadPosted(uint64 indexed epoch, uint64 indexed slot, bytes32 payload, uint256 signers);

    constructor(IServiceInbox inbox_) {
        inbox = inbox_;
    }

    /// @notice Reverts unless the certificate proves the vote.
    function post(Vote calldata vote, Certificate calldata certificate) external {
        uint256 signers = inbox.verify(vote, certificate);
        emit PayloadPosted(vote.epoch, vote.slot, vote.payload, signers);
    }
}
