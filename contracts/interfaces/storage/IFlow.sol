// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @notice A sub-tree of a submission.
/// @param root Its root
/// @param height It stands for 2^height leaves
struct SubmissionNode {
    bytes32 root;
    uint256 height;
}

/// @notice What a submission is made of.
/// @param length The file's bytes
/// @param tags Free bytes, only logged
/// @param nodes The file's sub-trees, largest first
struct SubmissionData {
    uint256 length;
    bytes tags;
    SubmissionNode[] nodes;
}

/// @notice A submission as the 0G client sends it.
/// @param submitter Must be the caller
struct Submission {
    SubmissionData data;
    address submitter;
}

/// @notice A recorded submission.
/// @param root File root
/// @param byteLength The file's bytes; the only place that binds them
/// @param leaves Leaves of the padded file
/// @param startPos First leaf in the flow, a multiple of the largest node's leaves
/// @param submitter Who sent it
/// @param nodeCount Sub-trees of the file, 1 to 4
struct SubmissionInfo {
    bytes32 root;
    uint64 byteLength;
    uint64 leaves;
    uint64 startPos;
    address submitter;
    uint8 nodeCount;
}

/// @title The append-only log of files
/// @notice Structs, selectors, event, placement and fee are those of 0G Storage, so its client works unchanged. Three
/// things differ on purpose: overpayment is refunded, the fee comes from the call's own value alone, and the submitter
/// is the sender.
/// @dev Warning: a root does not bind a length; read `byteLength` here. Warning: the log keeps roots, not bytes: that
/// somebody holds the bytes is shown by `IMarket.isFilled`.
interface IFlow {
    error FlowSubmitterMismatch(address submitter, address sender);
    error FlowNodeCount(uint256 actual, uint256 max);
    error FlowNodeHeight(uint256 height, uint256 max);
    /// @dev Heights must fall strictly, and by less than four from the first node to the last.
    error FlowNodeOrder(uint256 node, uint256 height, uint256 previousHeight);
    error FlowNodeSpread(uint256 firstHeight, uint256 lastHeight);
    /// @dev The nodes must be those of a file of this length.
    error FlowLength(uint256 actual, uint256 min, uint256 max);
    error FlowTagsLength(uint256 actual, uint256 max);
    error FlowBatchSize(uint256 actual, uint256 max);
    error FlowUnknownSubmission(uint256 index, uint256 count);
    /// @param price Wei a sector
    /// @param amount Sectors
    /// @param paid Wei sent
    error NotEnoughFee(uint256 price, uint256 amount, uint256 paid);

    /// @param sender The submission's submitter
    /// @param identity keccak256 of the node roots in a row; not the file root
    /// @param submissionIndex Index of the submission, from 0
    /// @param startPos First leaf in the flow
    /// @param length Leaves
    event Submit(
        address indexed sender,
        bytes32 indexed identity,
        uint256 submissionIndex,
        uint256 startPos,
        uint256 length,
        SubmissionData submission
    );

    /// @notice Logs a file and opens its default deal, paid by the value sent; what is too much goes back.
    /// @return index Index of the submission
    /// @return digest keccak256 of the node roots in a row
    /// @return startIndex First leaf in the flow
    /// @return length Leaves
    function submit(
        Submission calldata submission
    ) external payable returns (uint256 index, bytes32 digest, uint256 startIndex, uint256 length);

    /// @notice Logs up to 32 files with one payment.
    function batchSubmit(
        Submission[] calldata submissions
    )
        external
        payable
        returns (
            uint256[] memory indexes,
            bytes32[] memory digests,
            uint256[] memory startIndexes,
            uint256[] memory lengths
        );

    /// @notice Where deals are made and fees are priced.
    function market() external view returns (address);

    /// @notice Number of submissions.
    function numSubmissions() external view returns (uint256);

    /// @notice Index the next submission gets.
    function submissionIndex() external view returns (uint256);

    /// @notice Leaves of the flow so far, gaps included; leaf 0 is reserved.
    function currentLength() external view returns (uint256);

    /// @notice A recorded submission; reverts with `FlowUnknownSubmission` for others.
    function submission(uint256 index) external view returns (SubmissionInfo memory);

    /// @notice File root of a submission; reverts with `FlowUnknownSubmission` for others.
    function rootOf(uint256 index) external view returns (bytes32);
}
