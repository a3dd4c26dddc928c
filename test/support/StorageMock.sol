// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IFlow, SubmissionInfo } from "../../contracts/interfaces/storage/IFlow.sol";

/// @notice The parts of `Flow` and `Market` that registries read, with files added by hand and held by nobody at first.
contract StorageMock {
    uint32 public currentEpoch = 5;

    SubmissionInfo[] private _files;
    mapping(uint256 index => uint32) private _filledUntil;

    function add(bytes32 root, uint256 byteLength, uint256 leaves) external returns (uint64 index) {
        index = uint64(_files.length);
        _files.push(SubmissionInfo(root, uint64(byteLength), uint64(leaves), index, msg.sender, 1));
    }

    function setFilled(uint256 index, uint32 untilEpoch) external {
        _filledUntil[index] = untilEpoch;
    }

    function market() external view returns (address) {
        return address(this);
    }

    function isFilled(uint256 index, uint32 untilEpoch) external view returns (bool) {
        return _filledUntil[index] >= untilEpoch;
    }

    function rootOf(uint256 index) external view returns (bytes32) {
        return _file(index).root;
    }

    function submission(uint256 index) external view returns (SubmissionInfo memory) {
        return _file(index);
    }

    function _file(uint256 index) private view returns (SubmissionInfo storage) {
        require(index < _files.length, IFlow.FlowUnknownSubmission(index, _files.length));
        return _files[index];
    }
}
