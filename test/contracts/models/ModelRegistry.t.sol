// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IERC721Errors } from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import { IModelRegistry, ModelVersion, PublishParams } from "../../../contracts/interfaces/models/IModelRegistry.sol";
import { SharesTerms } from "../../../contracts/interfaces/models/IModelShares.sol";
import { ModelShares } from "../../../contracts/models/ModelShares.sol";
import { AllocationTool } from "../../support/AllocationTool.sol";
import { ModelsFixture } from "../../support/ModelsFixture.sol";
import { vm } from "../../support/Vm.sol";

contract ModelRegistryTest is ModelsFixture {
    function setUp() public {
        deployModels();
    }

    function test_createModel_mintsTheTokenToTheCaller() public {
        vm.expectEmit();
        emit IModelRegistry.ModelCreated(1, ALICE, "digits");
        uint256 first = createModel(ALICE);
        uint256 second = createModel(BOB);

        require(first == 1 && second == 2 && models.modelCount() == 2, "models are counted from 1");
        require(models.ownerOf(first) == ALICE && models.ownerOf(second) == BOB, "the caller holds the token");
        require(keccak256(bytes(models.modelName(first))) == keccak256("digits"), "the name is kept");
        require(models.latestVersion(first) == 0, "a new model has no version");
    }

    function test_createModel_refusesAnEmptyName() public {
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryBadName.selector, 0, 64));
        models.createModel("");
        require(models.modelCount() == 0, "nothing was created");
    }

    function test_createModel_boundsTheName() public {
        string memory longest = string(new bytes(64));
        models.createModel(longest);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryBadName.selector, 65, 64));
        models.createModel(string.concat(longest, "a"));
        require(models.modelCount() == 1, "only the first was created");
    }

    function test_publishVersion_onlyFromTheJobRegistry() public {
        PublishParams memory params = publishParams(createModel(ALICE), threeOwners(1, 2, 3));
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryNotJobs.selector, ALICE, address(this)));
        vm.prank(ALICE);
        models.publishVersion(params);
        require(models.versionCount() == 0, "nothing was published");
    }

    function test_publishVersion_refusesAnUnknownModel() public {
        PublishParams memory params = publishParams(9, threeOwners(1, 2, 3));
        vm.expectRevert(abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, 9));
        models.publishVersion(params);
    }

    function test_publishVersion_refusesNoSupply() public {
        PublishParams memory params = publishParams(createModel(ALICE), threeOwners(1, 2, 3));
        params.shareSupply = 0;
        _expectBadSupply(params);
        params.shareSupply = uint64(type(int64).max) + 1;
        _expectBadSupply(params);
        require(models.versionCount() == 0, "nothing was published");
    }

    function test_publishVersion_refusesNoAccounts() public {
        PublishParams memory params = publishParams(createModel(ALICE), threeOwners(1, 2, 3));
        params.accountCount = 0;
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryNoAccounts.selector, params.jobId));
        models.publishVersion(params);
    }

    function test_publishVersion_keepsEverythingAndLinksTheParent() public {
        uint256 modelId = createModel(ALICE);
        createModel(BOB);
        AllocationTool.Files memory files = threeOwners(1, 2, 3);
        PublishParams memory params = publishParams(modelId, files);
        (uint256 first, ModelShares shares) = publish(modelId, files);
        (uint256 other, ) = publish(2, files);
        (uint256 second, ModelShares nextShares) = publish(modelId, files);

        require(first == 1 && other == 2 && second == 3 && models.versionCount() == 3, "versions are counted from 1");
        require(models.latestVersion(modelId) == second && models.latestVersion(2) == other, "the newest is known");
        require(address(shares) != address(nextShares), "each version has its own shares");

        ModelVersion memory version = models.version(second);
        require(version.parentVersionId == first, "the previous version is the parent");
        require(models.version(first).parentVersionId == 0, "the first has no parent");
        require(version.modelId == modelId && version.jobId == params.jobId, "model and job are kept");
        require(version.weightsRoot == params.weightsRoot && version.weightsSubmission == 11, "weights are kept");
        require(version.programRoot == params.programRoot && version.traceRoot == params.traceRoot, "roots are kept");
        require(version.datasetId == 3 && version.publishedAt == YEAR_2026, "dataset and time are kept");
        require(version.accountCount == 3 && version.shareSupply == 6, "sizes are kept");
        require(version.shares == address(nextShares), "the shares are kept");

        SharesTerms memory terms = nextShares.terms();
        require(terms.versionId == second && terms.supply == 6 && terms.accountCount == 3, "the shares are bound");
        require(terms.accountsRoot == params.accountsRoot && terms.allocationRoot == params.allocationRoot, "roots");
    }

    function test_version_refusesUnknownNumbers() public {
        publish(createModel(ALICE), threeOwners(1, 2, 3));
        _expectUnknown(0);
        models.version(0);
        _expectUnknown(2);
        models.version(2);
        _expectUnknown(2);
        models.sharesOf(2);
    }

    function test_namesAndVersionsOfUnknownModelsRevert() public {
        bytes memory unknown = abi.encodeWithSelector(IERC721Errors.ERC721NonexistentToken.selector, 1);
        vm.expectRevert(unknown);
        models.modelName(1);
        vm.expectRevert(unknown);
        models.latestVersion(1);
    }

    function _expectBadSupply(PublishParams memory params) private {
        vm.expectRevert(
            abi.encodeWithSelector(IModelRegistry.ModelRegistryBadSupply.selector, params.shareSupply, type(int64).max)
        );
        models.publishVersion(params);
    }

    function _expectUnknown(uint256 versionId) private {
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryUnknownVersion.selector, versionId, 1));
    }
}
