// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IServiceRegistry } from "../../contracts/interfaces/staking/IServiceRegistry.sol";
import { Certificate } from "../../contracts/libraries/QuorumLib.sol";
import { Vote } from "../../contracts/libraries/VoteLib.sol";

/// @notice A quorum verifier for which the test says what is certified. The certificate itself is not looked at.
contract QuorumStub {
    error QuorumStubNotCertified();

    IServiceRegistry public services;
    mapping(bytes32 voteHash => bool) private _certified;

    constructor(IServiceRegistry services_) {
        services = services_;
    }

    function certify(Vote calldata vote) external {
        _certified[keccak256(abi.encode(vote))] = true;
    }

    function verify(Vote calldata vote, Certificate calldata) external view returns (uint256) {
        if (!_certified[keccak256(abi.encode(vote))]) revert QuorumStubNotCertified();
        return 1;
    }
}
