// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IERC20Errors } from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import { IModelShares, SharesTerms } from "../../../contracts/interfaces/models/IModelShares.sol";
import { FileTreeLib } from "../../../contracts/libraries/FileTreeLib.sol";
import { PublishParams } from "../../../contracts/interfaces/models/IModelRegistry.sol";
import { ModelShares } from "../../../contracts/models/ModelShares.sol";
import { AllocationTool } from "../../support/AllocationTool.sol";
import { ModelsFixture } from "../../support/ModelsFixture.sol";
import { vm } from "../../support/Vm.sol";

contract ModelSharesClaimTest is ModelsFixture {
    using AllocationTool for AllocationTool.Files;

    uint256 private _modelId;

    function setUp() public {
        deployModels();
        _modelId = createModel(ALICE);
    }

    function test_initialize_holdsTheSupplyInEscrow() public {
        (, ModelShares shares) = publish(_modelId, threeOwners(1, 2, 3));
        require(shares.totalSupply() == 6 && shares.balanceOf(address(shares)) == 6, "all shares are in escrow");
        require(keccak256(bytes(shares.name())) == keccak256("Glassbox shares 1"), "name");
        require(keccak256(bytes(shares.symbol())) == keccak256("GBS1"), "symbol");
        require(shares.decimals() == 6 && address(shares.token()) == address(token), "decimals and token");
        require(shares.registry() == address(models), "registry");
    }

    function test_initialize_onlyByTheRegistryAndOnce() public {
        (, ModelShares shares) = publish(_modelId, threeOwners(1, 2, 3));
        SharesTerms memory terms = shares.terms();
        vm.expectRevert(
            abi.encodeWithSelector(IModelShares.ModelSharesNotRegistry.selector, address(this), address(models))
        );
        shares.initialize(terms);
        vm.expectRevert(abi.encodeWithSelector(IModelShares.ModelSharesInitialized.selector, 1));
        vm.prank(address(models));
        shares.initialize(terms);
        require(shares.totalSupply() == 6, "nothing was minted");
    }

    function test_claim_movesEachAccountsSharesOnce() public {
        AllocationTool.Files memory files = manyOwners(40);
        (, ModelShares shares) = publish(_modelId, files);
        for (uint256 i = 0; i < 40; ++i) {
            require(!shares.isClaimed(uint32(i)), "not claimed yet");
            vm.expectEmit();
            emit IModelShares.SharesClaimed(uint32(i), files.accounts[i], files.amounts[i]);
            files.claim(shares, i);
            require(shares.balanceOf(files.accounts[i]) == i + 1 && shares.isClaimed(uint32(i)), "claimed");
        }
        require(shares.balanceOf(address(shares)) == 0, "the escrow is empty");

        AllocationTool.Opening memory opening = files.open(17);
        vm.expectRevert(abi.encodeWithSelector(IModelShares.ModelSharesClaimed.selector, 17));
        AllocationTool.claim(shares, 17, files.accounts[17], files.amounts[17], opening);
        require(shares.balanceOf(files.accounts[17]) == 18, "nothing moved");
    }

    /// @dev Covers trees whose accounts file is uneven and padded by the flow rule.
    function testFuzz_claim_opensFilesOfAnySize(uint16 count, uint16 index) public {
        count = uint16(1 + (uint256(count) % 300));
        index = index % count;
        AllocationTool.Files memory files = manyOwners(count);
        (, ModelShares shares) = publish(_modelId, files);
        files.claim(shares, index);
        require(shares.balanceOf(files.accounts[index]) == uint256(index) + 1, "the amount arrived");
    }

    function test_claim_refusesIndicesBeyondTheAccounts() public {
        AllocationTool.Files memory files = manyOwners(12);
        (, ModelShares shares) = publish(_modelId, files);
        AllocationTool.Opening memory opening = files.open(11);
        vm.expectRevert(abi.encodeWithSelector(IModelShares.ModelSharesUnknownAccount.selector, 12, 12));
        AllocationTool.claim(shares, 12, address(0), 0, opening);
    }

    function test_claim_refusesAnotherAccount() public {
        AllocationTool.Files memory files = manyOwners(12);
        (, ModelShares shares) = publish(_modelId, files);
        AllocationTool.Opening memory opening = files.open(9);
        bytes32 entry = bytes32(uint256(uint160(files.accounts[9])));
        vm.expectRevert(abi.encodeWithSelector(IModelShares.ModelSharesWrongAccount.selector, 9, ALICE, entry));
        AllocationTool.claim(shares, 9, ALICE, files.amounts[9], opening);
        require(shares.balanceOf(ALICE) == 0 && !shares.isClaimed(9), "nothing moved");
    }

    function test_claim_refusesAnotherAmount() public {
        AllocationTool.Files memory files = manyOwners(12);
        (, ModelShares shares) = publish(_modelId, files);
        AllocationTool.Opening memory opening = files.open(9);
        vm.expectRevert(abi.encodeWithSelector(IModelShares.ModelSharesWrongAmount.selector, 9, 11, 10));
        AllocationTool.claim(shares, 9, files.accounts[9], 11, opening);
    }

    function test_claim_refusesNegativeAmounts() public {
        AllocationTool.Files memory files = threeOwners(5, 5, type(uint64).max);
        PublishParams memory params = publishParamsOf(files, 10);
        ModelShares shares = ModelShares(models.sharesOf(models.publishVersion(params)));
        AllocationTool.Opening memory opening = files.open(2);
        vm.expectRevert(
            abi.encodeWithSelector(IModelShares.ModelSharesWrongAmount.selector, 2, type(uint64).max, int64(-1))
        );
        AllocationTool.claim(shares, 2, CAROL, type(uint64).max, opening);
    }

    function test_claim_refusesNothing() public {
        AllocationTool.Files memory files = threeOwners(5, 0, 5);
        (, ModelShares shares) = publish(_modelId, files);
        AllocationTool.Opening memory opening = files.open(1);
        vm.expectRevert(abi.encodeWithSelector(IModelShares.ModelSharesNothingAllocated.selector, 1));
        AllocationTool.claim(shares, 1, BOB, 0, opening);
    }

    function test_claim_refusesMoreThanTheSupply() public {
        AllocationTool.Files memory files = threeOwners(5, 5, 5);
        ModelShares shares = ModelShares(models.sharesOf(models.publishVersion(publishParamsOf(files, 9))));
        files.claim(shares, 0);
        AllocationTool.Opening memory opening = files.open(1);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, address(shares), 4, 5));
        AllocationTool.claim(shares, 1, BOB, 5, opening);
        require(!shares.isClaimed(1), "nothing changed");
    }

    function test_claim_refusesChangedLeaves() public {
        AllocationTool.Files memory files = manyOwners(40);
        (, ModelShares shares) = publish(_modelId, files);
        AllocationTool.Opening memory opening = files.open(9);
        opening.accountLeaf[0] = 0x01;
        vm.expectPartialRevert(FileTreeLib.FileTreeRootMismatch.selector);
        AllocationTool.claim(shares, 9, files.accounts[9], 10, opening);

        opening = files.open(9);
        opening.allocationLeaf[255] = 0x01;
        vm.expectPartialRevert(FileTreeLib.FileTreeRootMismatch.selector);
        AllocationTool.claim(shares, 9, files.accounts[9], 10, opening);
    }

    function test_claim_refusesPathsOfAnotherLength() public {
        AllocationTool.Files memory files = manyOwners(40);
        (, ModelShares shares) = publish(_modelId, files);
        AllocationTool.Opening memory opening = files.open(9);
        opening.accountSiblings = new bytes32[](opening.accountSiblings.length + 1);
        vm.expectPartialRevert(FileTreeLib.FileTreeSiblings.selector);
        AllocationTool.claim(shares, 9, files.accounts[9], 10, opening);

        opening = files.open(9);
        opening.allocationSiblings = new bytes32[](0);
        vm.expectPartialRevert(FileTreeLib.FileTreeSiblings.selector);
        AllocationTool.claim(shares, 9, files.accounts[9], 10, opening);
    }

    function test_claim_refusesLeavesOfAnotherSize() public {
        AllocationTool.Files memory files = manyOwners(3);
        (, ModelShares shares) = publish(_modelId, files);
        AllocationTool.Opening memory opening = files.open(1);
        opening.accountLeaf = new bytes(64);
        vm.expectRevert(abi.encodeWithSelector(FileTreeLib.FileTreeLeafBytes.selector, 64, 256));
        AllocationTool.claim(shares, 1, files.accounts[1], 2, opening);
    }

    /// @dev A node of two hashes is 64 bytes, so it can't pass for a leaf; nor can a leaf at another index.
    function test_claim_refusesALeafOfAnotherIndex() public {
        AllocationTool.Files memory files = manyOwners(40);
        (, ModelShares shares) = publish(_modelId, files);
        AllocationTool.Opening memory opening = files.open(1);
        vm.expectPartialRevert(FileTreeLib.FileTreeRootMismatch.selector);
        AllocationTool.claim(shares, 9, files.accounts[1], 2, opening);
    }

    /// @dev An account nobody can hold leaves its shares in escrow and harms nobody else.
    function test_claim_leavesSharesOfTheZeroAddressInEscrow() public {
        AllocationTool.Files memory files = threeOwners(5, 5, 5);
        files.accounts[1] = address(0);
        (, ModelShares shares) = publish(_modelId, files);
        AllocationTool.Opening memory opening = files.open(1);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InvalidReceiver.selector, address(0)));
        AllocationTool.claim(shares, 1, address(0), 5, opening);
        files.claim(shares, 2);
        require(shares.balanceOf(CAROL) == 5, "others claim");
    }

    function publishParamsOf(
        AllocationTool.Files memory files,
        uint64 supply
    ) internal view returns (PublishParams memory params) {
        AllocationTool.Files memory small = threeOwners(1, 1, 1);
        params = publishParams(_modelId, small);
        params.accountsRoot = files.accountsRoot();
        params.allocationRoot = files.allocationRoot();
        params.shareSupply = supply;
    }
}
