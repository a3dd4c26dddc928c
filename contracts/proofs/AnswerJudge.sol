// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IAnswerJudge, JudgedModel } from "../interfaces/proofs/IAnswerJudge.sol";
import { CodeLib } from "../libraries/CodeLib.sol";
import { FileTreeLib } from "../libraries/FileTreeLib.sol";
import { InputHashLib } from "../libraries/InputHashLib.sol";
import { ProgramLib } from "../libraries/ProgramLib.sol";
import { TwoLayerLib, TwoLayers } from "../libraries/TwoLayerLib.sol";
import { WidePoseidonConstants } from "../libraries/WidePoseidonConstants.sol";

/// @title AnswerJudge
/// @dev Keeps no state. The numbers of the hash are code of their own, since they are two thirds of what a contract may have.
contract AnswerJudge is IAnswerJudge {
    /// @inheritdoc IAnswerJudge
    uint256 public constant MAX_LEAVES = 384;

    address private immutable _constants;

    constructor() {
        _constants = CodeLib.write(WidePoseidonConstants.WORDS);
    }

    /// @inheritdoc IAnswerJudge
    function judge(
        JudgedModel calldata model,
        bytes calldata weights,
        bytes calldata input
    ) external view returns (uint256 answer, uint256 inputHash) {
        TwoLayers memory network = _network(model);
        if (input.length != network.inputs) revert AnswerJudgeWrongInput(input.length, network.inputs);
        uint256 byteLength = network.leaves * FileTreeLib.LEAF_BYTES;
        if (weights.length != byteLength) revert AnswerJudgeWrongLength(weights.length, byteLength);
        bytes memory file = weights;
        bytes32 weightsRoot = FileTreeLib.fileRoot(file);
        if (weightsRoot != model.weightsRoot) revert AnswerJudgeWrongWeights(weightsRoot, model.weightsRoot);
        answer = TwoLayerLib.answer(network, file, input);
        inputHash = InputHashLib.hash(CodeLib.read(_constants), input);
    }

    function _network(JudgedModel calldata model) private view returns (TwoLayers memory network) {
        (address code, ) = model.programs.programOf(model.programRoot);
        bool known;
        (known, network) = TwoLayerLib.read(ProgramLib.load(code));
        if (!known) revert AnswerJudgeNoNetwork(model.programRoot);
        if (network.leaves > MAX_LEAVES) revert AnswerJudgeTooLarge(network.leaves, MAX_LEAVES);
    }
}
