// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

import { ClaimExecutions } from "./ClaimExecutions.sol";
import {
    AccountProof,
    ContinuityProof,
    CreditProof,
    Fault,
    FinalProof,
    RoundProof,
    UnusedProof
} from "../interfaces/compute/IDisputeGame.sol";
import { IGameReader } from "../interfaces/compute/IGameReader.sol";
import { ClaimFacts, IJobRegistry, Job } from "../interfaces/compute/IJobRegistry.sol";
import { Dataset } from "../interfaces/models/IDatasetRegistry.sol";
import { DetailLib } from "../libraries/DetailLib.sol";
import { FileTreeLib, LeafOpening } from "../libraries/FileTreeLib.sol";
import { JobShapeLib } from "../libraries/JobShapeLib.sol";
import { TensorLib } from "../libraries/TensorLib.sol";

/// @title What is wrong with a claim by itself
/// @notice Every bit of a claim's files is either the output of an execution or subject to one of these checks.
abstract contract ClaimFaults is ClaimExecutions {
    uint256 private constant WORD_BYTES = 32;
    uint256 private constant I32_BYTES = 4;
    uint256 private constant SIGNATURE_BYTES = 65;
    uint256 private constant ADDRESS_BYTES = 20;

    /// @dev Everything that a check may ask for.
    struct Case {
        IJobRegistry jobs;
        uint256 jobId;
        ClaimFacts facts;
        Job job;
        Dataset dataset;
    }

    /// @inheritdoc IGameReader
    function isFault(
        IJobRegistry jobs,
        uint256 jobId,
        uint32 claimNumber,
        Fault fault,
        bytes calldata proof
    ) external view returns (bool) {
        Case memory case_;
        case_.jobs = jobs;
        case_.jobId = jobId;
        case_.facts = jobs.claimFacts(jobId, claimNumber);
        case_.job = jobs.job(jobId);
        case_.dataset = jobs.datasets().dataset(case_.facts.datasetId);
        if (fault == Fault.Final) return _isFinalFault(case_, abi.decode(proof, (FinalProof)));
        if (fault == Fault.Continuity) return _isContinuityFault(case_, abi.decode(proof, (ContinuityProof)));
        if (fault == Fault.Unused) return _isUnusedFault(case_, abi.decode(proof, (UnusedProof)));
        if (fault == Fault.Credit) return _isCreditFault(case_, abi.decode(proof, (CreditProof)));
        if (fault == Fault.Account) return _isAccountFault(case_, abi.decode(proof, (AccountProof)));
        return _isRoundFault(case_, abi.decode(proof, (RoundProof)));
    }

    function _isFinalFault(Case memory case_, FinalProof memory proof) private pure returns (bool) {
        ClaimFacts memory facts = case_.facts;
        uint256 slot = facts.rounds * JobShapeLib.traceSlots(facts.parts);
        return _traceRoot(facts, slot, proof.last) != case_.job.claim.outputs.weightsRoot;
    }

    function _isContinuityFault(Case memory case_, ContinuityProof memory proof) private pure returns (bool) {
        ClaimFacts memory facts = case_.facts;
        if (facts.parts != 1 || proof.round >= facts.rounds) return false;
        uint256 slot = proof.round * JobShapeLib.traceSlots(1) + 1;
        bytes32 end = _traceRoot(facts, slot, proof.end);
        return _rootNear(facts, slot, proof.end, slot + 1, proof.next) != end;
    }

    function _isUnusedFault(Case memory case_, UnusedProof memory proof) private pure returns (bool) {
        ClaimFacts memory facts = case_.facts;
        uint256 slots = JobShapeLib.traceSlots(facts.parts);
        uint256 last = facts.rounds * slots;
        bool isUsed = proof.slot == last || (proof.slot < last && proof.slot % slots <= facts.parts);
        return !isUsed && _traceRoot(facts, proof.slot, proof.leaf) != 0;
    }

    function _isCreditFault(Case memory case_, CreditProof memory proof) private view returns (bool) {
        ClaimFacts memory facts = case_.facts;
        uint256 credits = uint256(facts.rounds) * facts.parts;
        uint256 leaves = TensorLib.leafCount(credits, 1, I32_BYTES);
        uint256 position = uint256(proof.index) * I32_BYTES;
        bytes32 root = case_.job.claim.outputs.creditsRoot;
        _checkLeaf(root, proof.credit, position / FileTreeLib.LEAF_BYTES, leaves);
        int256 credit = TensorLib.readI32(proof.credit.leaf, position % FileTreeLib.LEAF_BYTES);
        if (proof.index >= credits) return credit != 0;

        int256 first = int256(uint256(case_.dataset.accountCount)) + 1;
        if (credit < first || credit >= int256(uint256(case_.job.claim.outputs.accountCount))) return true;
        address operator = case_.jobs.joined(case_.jobId)[uint256(credit - first)];
        return !_isBacked(case_, proof, operator);
    }

    /// @dev Whether the rounds file holds the operator's signature of the part.
    function _isBacked(Case memory case_, CreditProof memory proof, address operator) private view returns (bool) {
        ClaimFacts memory facts = case_.facts;
        (uint256 weightsLeaves, uint256 leaves) = _roundsLeaves(facts);
        bytes memory entry = proof.entry.leaf;
        _checkLeaf(case_.job.claim.outputs.roundsRoot, proof.entry, facts.rounds * weightsLeaves + proof.index, leaves);
        bytes memory signature = new bytes(SIGNATURE_BYTES);
        for (uint256 i = 0; i < SIGNATURE_BYTES; ++i) signature[i] = entry[i];
        uint256 named;
        for (uint256 i = 0; i < ADDRESS_BYTES; ++i) named = (named << 8) | uint8(entry[SIGNATURE_BYTES + i]);
        if (named != uint160(operator)) return false;
        for (uint256 i = SIGNATURE_BYTES + ADDRESS_BYTES; i < entry.length; ++i) if (entry[i] != 0) return false;

        (address signer, , ) = ECDSA.tryRecover(_partDigest(case_, proof), signature);
        return signer != address(0) && case_.jobs.operators().operatorOfSigner(signer) == operator;
    }

    /// @dev What the signer of the part must have signed.
    function _partDigest(Case memory case_, CreditProof memory proof) private view returns (bytes32) {
        ClaimFacts memory facts = case_.facts;
        uint256 startSlot = (proof.index / facts.parts) * JobShapeLib.traceSlots(facts.parts);
        uint256 endSlot = startSlot + 1 + (proof.index % facts.parts);
        bytes32 start = _traceRoot(facts, startSlot, proof.start);
        bytes32 end = _rootNear(facts, startSlot, proof.start, endSlot, proof.end);
        return case_.jobs.claimDigest(_partClaim(case_.jobId, facts, case_.dataset.root, proof.index, start, end));
    }

    function _isAccountFault(Case memory case_, AccountProof memory proof) private view returns (bool) {
        uint256 count = case_.job.claim.outputs.accountCount;
        uint256 datasetCount = case_.dataset.accountCount;
        uint256 index = proof.index;
        bytes32 actual = _word(case_.job.claim.outputs.accountsRoot, proof.account, index, count);
        bytes32 expected;
        if (index < datasetCount) expected = _word(case_.dataset.roots[3], proof.dataset, index, datasetCount);
        else if (index == datasetCount) expected = _asWord(case_.job.opener);
        else if (index < count) expected = _asWord(case_.jobs.joined(case_.jobId)[index - datasetCount - 1]);
        return actual != expected;
    }

    function _isRoundFault(Case memory case_, RoundProof memory proof) private view returns (bool) {
        ClaimFacts memory facts = case_.facts;
        (uint256 weightsLeaves, uint256 leaves) = _roundsLeaves(facts);
        uint256 index = proof.leafIndex;
        _checkLeaf(case_.job.claim.outputs.roundsRoot, proof.leaf, index, leaves);
        if (index < facts.rounds * weightsLeaves) {
            uint256 slot = (index / weightsLeaves) * JobShapeLib.traceSlots(facts.parts);
            bytes32 root = _traceRoot(facts, slot, proof.start);
            uint256 padded = FileTreeLib.paddedLeafCount(weightsLeaves * FileTreeLib.LEAF_BYTES);
            _checkLeaf(root, proof.weights, index % weightsLeaves, padded);
            return keccak256(proof.leaf.leaf) != keccak256(proof.weights.leaf);
        }
        bool isPadding = index >= facts.rounds * (weightsLeaves + facts.parts);
        return isPadding && keccak256(proof.leaf.leaf) != FileTreeLib.ZERO_LEAF;
    }

    /// @dev Leaves of a weights file, and of the rounds file with its padding.
    function _roundsLeaves(ClaimFacts memory facts) private view returns (uint256 weightsLeaves, uint256 leaves) {
        weightsLeaves = JobShapeLib.weightsBytes(_head(facts.programRoot)) / FileTreeLib.LEAF_BYTES;
        leaves = FileTreeLib.paddedLeafCount(facts.rounds * (weightsLeaves + facts.parts) * FileTreeLib.LEAF_BYTES);
    }

    /// @dev The root in a slot of the trace, from a leaf of its own or, if that is left empty, from the leaf of a slot that
    /// was opened already.
    function _rootNear(
        ClaimFacts memory facts,
        uint256 openedSlot,
        LeafOpening memory opened,
        uint256 slot,
        LeafOpening memory opening
    ) private pure returns (bytes32) {
        bool isOpened = opening.leaf.length == 0 && _isSameLeaf(openedSlot, slot);
        return isOpened ? DetailLib.rootAt(opened.leaf, slot) : _traceRoot(facts, slot, opening);
    }

    /// @dev Entry `index` of a file of `count` words, also of its padding.
    function _word(
        bytes32 root,
        LeafOpening memory opening,
        uint256 index,
        uint256 count
    ) private pure returns (bytes32) {
        uint256 leaves = FileTreeLib.paddedLeafCount(count * WORD_BYTES);
        _checkLeaf(root, opening, index / FileTreeLib.ROOTS_PER_LEAF, leaves);
        return DetailLib.rootAt(opening.leaf, index);
    }

    function _checkLeaf(bytes32 root, LeafOpening memory opening, uint256 leafIndex, uint256 leaves) private pure {
        FileTreeLib.checkLeaf(root, opening.leaf, leafIndex, leaves, opening.siblings);
    }

    function _asWord(address account) private pure returns (bytes32) {
        return bytes32(uint256(uint160(account)));
    }
}
