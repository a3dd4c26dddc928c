// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { TokenMock } from "../../contracts/mocks/TokenMock.sol";
import { ModelRegistry } from "../../contracts/models/ModelRegistry.sol";
import { ModelShares } from "../../contracts/models/ModelShares.sol";
import { PublishParams } from "../../contracts/interfaces/models/IModelRegistry.sol";
import { AllocationTool } from "./AllocationTool.sol";
import { deployArtifact } from "./Deploy.sol";
import { vm } from "./Vm.sol";

/// @notice A model registry whose job registry is the test itself.
abstract contract ModelsFixture {
    using AllocationTool for AllocationTool.Files;

    uint256 internal constant YEAR_2026 = 1_767_225_600;
    address internal constant ALICE = address(0xA11CE);
    address internal constant BOB = address(0xB0B);
    address internal constant CAROL = address(0xCA401);

    TokenMock internal token;
    ModelRegistry internal models;

    function deployModels() internal {
        vm.warp(YEAR_2026);
        token = new TokenMock();
        models = ModelRegistry(deployArtifact("models", "ModelRegistry", abi.encode(token)));
    }

    function createModel(address holder) internal returns (uint256 modelId) {
        vm.prank(holder);
        return models.createModel("digits");
    }

    function publishParams(
        uint256 modelId,
        AllocationTool.Files memory files
    ) internal pure returns (PublishParams memory params) {
        uint256 supply = 0;
        for (uint256 i = 0; i < files.amounts.length; ++i) supply += files.amounts[i];
        params = PublishParams({
            modelId: modelId,
            jobId: 7,
            weightsRoot: keccak256("weights"),
            weightsSubmission: 11,
            programRoot: keccak256("program"),
            datasetId: 3,
            traceRoot: keccak256("trace"),
            allocationRoot: files.allocationRoot(),
            accountsRoot: files.accountsRoot(),
            accountCount: uint32(files.accounts.length),
            shareSupply: uint64(supply)
        });
    }

    function publish(
        uint256 modelId,
        AllocationTool.Files memory files
    ) internal returns (uint256 versionId, ModelShares shares) {
        versionId = models.publishVersion(publishParams(modelId, files));
        shares = ModelShares(models.sharesOf(versionId));
    }

    /// @notice Alice, Bob and Carol with these amounts.
    function threeOwners(
        uint64 alice,
        uint64 bob,
        uint64 carol
    ) internal pure returns (AllocationTool.Files memory files) {
        files.accounts = new address[](3);
        files.amounts = new uint64[](3);
        (files.accounts[0], files.accounts[1], files.accounts[2]) = (ALICE, BOB, CAROL);
        (files.amounts[0], files.amounts[1], files.amounts[2]) = (alice, bob, carol);
    }

    /// @notice `count` owners; owner i has i + 1 shares.
    function manyOwners(uint256 count) internal pure returns (AllocationTool.Files memory files) {
        files.accounts = new address[](count);
        files.amounts = new uint64[](count);
        for (uint256 i = 0; i < count; ++i) {
            files.accounts[i] = address(uint160(0x10000 + i));
            files.amounts[i] = uint64(i + 1);
        }
    }

    function pay(ModelShares shares, uint256 amountWei) internal {
        token.mint(address(this), amountWei);
        token.approve(address(shares), amountWei);
        shares.distribute(amountWei);
    }
}
