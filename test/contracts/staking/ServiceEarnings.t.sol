// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import { IRewardStream } from "../../../contracts/interfaces/staking/IRewardStream.sol";
import { EarningsRoot, IServiceEarnings } from "../../../contracts/interfaces/staking/IServiceEarnings.sol";
import { IServiceRegistry } from "../../../contracts/interfaces/staking/IServiceRegistry.sol";
import { FileTreeLib, LeafOpening } from "../../../contracts/libraries/FileTreeLib.sol";
import { Certificate } from "../../../contracts/libraries/QuorumLib.sol";
import { Vote } from "../../../contracts/libraries/VoteLib.sol";
import { deployArtifact } from "../../support/Deploy.sol";
import { EarningsTool } from "../../support/EarningsTool.sol";
import { QuorumStub } from "../../support/QuorumStub.sol";
import { FeeTokenMock, ReentrantTokenMock } from "../../support/StakeTokens.sol";
import { StakingFixture } from "../../support/StakingFixture.sol";
import { vm } from "../../support/Vm.sol";

contract ServiceEarningsTest is StakingFixture {
    using EarningsTool for EarningsTool.Entry[];

    uint32 private constant SERVICE = 1;
    uint32 private constant OTHER_SERVICE = 2;
    uint64 private constant VOTE_EPOCH = 500_000;

    IServiceEarnings private _earnings;
    QuorumStub private _quorum;

    function setUp() public override {
        super.setUp();
        _deployEarnings();
        _deposit(ALICE, OPERATOR, 4);
    }

    function test_AnEntryPaysWhatItGrewByIntoTheStream() public {
        _fundService(SERVICE, 1000);
        EarningsTool.Entry[] memory first = _file(20, 13, 300);
        _post(SERVICE, 1, first);
        vm.expectEmit(true, true, true, true, address(_earnings));
        emit IServiceEarnings.EarningsCollected(SERVICE, OPERATOR, 300, 300);
        _equal(_collect(SERVICE, first, 13), 300, "all of the first");
        _equal(rewards.fundedWei(OPERATOR), 300, "in the stream");

        EarningsTool.Entry[] memory second = _file(150, 149, 420);
        _post(SERVICE, 5, second);
        _equal(_collect(SERVICE, second, 149), 120, "only the growth");
        _equal(rewards.fundedWei(OPERATOR), 420, "in the stream");
        _equal(_earnings.balanceWei(SERVICE), 580, "the rest stays");
        _equal(_earnings.collectedWei(SERVICE, OPERATOR), 420, "remembered");
        _skip(DRIP_EPOCHS * EPOCH);
        _equal(rewards.claimableWei(OPERATOR, 0, ALICE), 420, "for those who stake");
    }

    function test_EveryEntryOpensWhateverTheCount() public {
        for (uint256 count = 1; count <= 300; count = count * 3 + 1) {
            uint256 snapshot = vm.snapshotState();
            _fundService(SERVICE, 1);
            EarningsTool.Entry[] memory file = _file(count, count / 2, 1);
            _post(SERVICE, 1, file);
            _equal(_collect(SERVICE, file, count / 2), 1, "paid");
            vm.revertToState(snapshot);
        }
    }

    function test_RootsAreKept() public {
        EarningsTool.Entry[] memory file = _file(9, 0, 1);
        bytes32 root = file.root();
        _quorum.certify(_vote(SERVICE, 7, root, 9));
        vm.expectEmit(true, true, true, true, address(_earnings));
        emit IServiceEarnings.EarningsRootPosted(SERVICE, 7, VOTE_EPOCH, root, 9);
        _earnings.postRoot(SERVICE, 7, VOTE_EPOCH, root, 9, _certificate());
        EarningsRoot memory kept = _earnings.rootOf(SERVICE);
        require(kept.root == root && kept.number == 7 && kept.count == 9 && kept.epoch == VOTE_EPOCH, "kept");
    }

    function test_PaysInPartWhatTheAccountDoesNotCover() public {
        _fundService(SERVICE, 100);
        _fundService(OTHER_SERVICE, 1000);
        EarningsTool.Entry[] memory file = _file(1, 0, 250);
        _post(SERVICE, 1, file);
        _equal(_collect(SERVICE, file, 0), 100, "all there is");
        vm.expectRevert(abi.encodeWithSelector(IServiceEarnings.ServiceEarningsNotFunded.selector, SERVICE, 150));
        this.collect(SERVICE, 0, OPERATOR, 250, file.open(0));
        _fundService(SERVICE, 500);
        _equal(_collect(SERVICE, file, 0), 150, "the rest");
        _equal(_earnings.balanceWei(SERVICE), 350, "what is left");
        _equal(_earnings.balanceWei(OTHER_SERVICE), 1000, "the other's account is its own");
    }

    function test_RefusesToPayAnEntryTwice() public {
        _fundService(SERVICE, 1000);
        EarningsTool.Entry[] memory file = _file(9, 8, 300);
        _post(SERVICE, 1, file);
        _collect(SERVICE, file, 8);
        _expectNothingNew(300);
        this.collect(SERVICE, 8, OPERATOR, 300, file.open(8));
        _post(SERVICE, 2, _file(9, 8, 300));
        _expectNothingNew(300);
        this.collect(SERVICE, 8, OPERATOR, 300, file.open(8));
        _equal(rewards.fundedWei(OPERATOR), 300, "paid once");
    }

    function test_RefusesAnEntryThatFell() public {
        _fundService(SERVICE, 1000);
        EarningsTool.Entry[] memory file = _file(9, 8, 300);
        _post(SERVICE, 1, file);
        _collect(SERVICE, file, 8);
        file = _file(9, 8, 299);
        _post(SERVICE, 2, file);
        _expectNothingNew(299);
        this.collect(SERVICE, 8, OPERATOR, 299, file.open(8));
        _equal(_earnings.collectedWei(SERVICE, OPERATOR), 300, "unchanged");
        file = _file(9, 8, 310);
        _post(SERVICE, 3, file);
        _equal(_collect(SERVICE, file, 8), 10, "from where it was");
    }

    function test_RefusesAnEntryThatTheFileDoesNotHold() public {
        _fundService(SERVICE, 1000);
        EarningsTool.Entry[] memory file = _file(20, 13, 300);
        _post(SERVICE, 1, file);
        bytes32 actual = _entry(OPERATOR, 300);

        _expectWrongEntry(12, actual, _entry(file[12].operator, file[12].cumulativeWei));
        this.collect(SERVICE, 12, OPERATOR, 300, file.open(12));
        _expectWrongEntry(13, _entry(OPERATOR, 301), actual);
        this.collect(SERVICE, 13, OPERATOR, 301, file.open(13));
        _expectWrongEntry(13, _entry(BOB, 300), actual);
        this.collect(SERVICE, 13, BOB, 300, file.open(13));
        vm.expectRevert(abi.encodeWithSelector(IServiceEarnings.ServiceEarningsUnknownEntry.selector, 20, 20));
        this.collect(SERVICE, 20, OPERATOR, 300, file.open(13));
        _nothingPaid(1000);
    }

    function test_RefusesTheOpeningOfAnotherPlace() public {
        _fundService(SERVICE, 1000);
        EarningsTool.Entry[] memory file = _file(20, 5, 300);
        _post(SERVICE, 1, file);
        vm.expectPartialRevert(FileTreeLib.FileTreeRootMismatch.selector);
        this.collect(SERVICE, 13, OPERATOR, 300, file.open(5));
        LeafOpening memory opening = file.open(5);
        opening.siblings = new bytes32[](1);
        vm.expectRevert(abi.encodeWithSelector(FileTreeLib.FileTreeSiblings.selector, 1, 2));
        this.collect(SERVICE, 5, OPERATOR, 300, opening);
        opening = file.open(5);
        opening.leaf = new bytes(255);
        vm.expectRevert(abi.encodeWithSelector(FileTreeLib.FileTreeLeafBytes.selector, 255, 256));
        this.collect(SERVICE, 5, OPERATOR, 300, opening);
        _nothingPaid(1000);
    }

    /// @dev The padding after the last entry is nobody's, even where the certified count reaches into it.
    function test_RefusesAnotherCount() public {
        _fundService(SERVICE, 1000);
        EarningsTool.Entry[] memory file = _file(20, 3, 300);
        bytes32 root = file.root();
        _quorum.certify(_vote(SERVICE, 1, root, 20));
        vm.expectRevert(QuorumStub.QuorumStubNotCertified.selector);
        this.postRoot(SERVICE, 1, VOTE_EPOCH, root, 28);
        _equal(_earnings.rootOf(SERVICE).number, 0, "not posted");

        _quorum.certify(_vote(SERVICE, 1, root, 40));
        this.postRoot(SERVICE, 1, VOTE_EPOCH, root, 40);
        vm.expectRevert(abi.encodeWithSelector(FileTreeLib.FileTreeSiblings.selector, 2, 3));
        this.collect(SERVICE, 3, OPERATOR, 300, file.open(3));
        _nothingPaid(1000);
    }

    function test_RefusesTheRootOfAnotherService() public {
        _fundService(SERVICE, 1000);
        EarningsTool.Entry[] memory file = _file(9, 0, 300);
        bytes32 root = file.root();
        _quorum.certify(_vote(OTHER_SERVICE, 1, root, 9));
        vm.expectRevert(QuorumStub.QuorumStubNotCertified.selector);
        this.postRoot(SERVICE, 1, VOTE_EPOCH, root, 9);
        this.postRoot(OTHER_SERVICE, 1, VOTE_EPOCH, root, 9);
        vm.expectRevert(abi.encodeWithSelector(IServiceEarnings.ServiceEarningsNoRoot.selector, SERVICE));
        this.collect(SERVICE, 0, OPERATOR, 300, file.open(0));
        vm.expectRevert(abi.encodeWithSelector(IServiceEarnings.ServiceEarningsNotFunded.selector, OTHER_SERVICE, 300));
        this.collect(OTHER_SERVICE, 0, OPERATOR, 300, file.open(0));
        _nothingPaid(1000);
    }

    function test_RefusesVotesOfAnotherKind() public {
        bytes32 root = _file(9, 0, 300).root();
        bytes32 payload = keccak256(abi.encode(root, uint32(9)));
        _quorum.certify(Vote(SERVICE, VOTE_EPOCH, 1, 0, 2, payload));
        _quorum.certify(Vote(SERVICE, VOTE_EPOCH, 1, 1, 1, payload));
        _quorum.certify(Vote(SERVICE, VOTE_EPOCH, 2, 0, 1, payload));
        _quorum.certify(Vote(SERVICE, VOTE_EPOCH + 1, 1, 0, 1, payload));
        vm.expectRevert(QuorumStub.QuorumStubNotCertified.selector);
        this.postRoot(SERVICE, 1, VOTE_EPOCH, root, 9);
        _equal(_earnings.rootOf(SERVICE).number, 0, "not posted");
    }

    function test_RefusesRootsThatAreNotNewer() public {
        bytes32 newer = _file(9, 0, 300).root();
        bytes32 older = _file(9, 0, 200).root();
        _quorum.certify(_vote(SERVICE, 5, newer, 9));
        _quorum.certify(_vote(SERVICE, 4, older, 9));
        _quorum.certify(Vote(SERVICE, VOTE_EPOCH - 1, 6, 0, 1, keccak256(abi.encode(older, uint32(9)))));
        this.postRoot(SERVICE, 5, VOTE_EPOCH, newer, 9);
        vm.expectRevert(abi.encodeWithSelector(IServiceEarnings.ServiceEarningsStaleNumber.selector, 5, 5));
        this.postRoot(SERVICE, 5, VOTE_EPOCH, newer, 9);
        vm.expectRevert(abi.encodeWithSelector(IServiceEarnings.ServiceEarningsStaleNumber.selector, 4, 5));
        this.postRoot(SERVICE, 4, VOTE_EPOCH, older, 9);
        vm.expectRevert(
            abi.encodeWithSelector(IServiceEarnings.ServiceEarningsStaleEpoch.selector, VOTE_EPOCH - 1, VOTE_EPOCH)
        );
        this.postRoot(SERVICE, 6, VOTE_EPOCH - 1, older, 9);
        vm.expectRevert(abi.encodeWithSelector(IServiceEarnings.ServiceEarningsStaleNumber.selector, 0, 0));
        this.postRoot(OTHER_SERVICE, 0, VOTE_EPOCH, newer, 9);
        vm.expectRevert(IServiceEarnings.ServiceEarningsNoEntries.selector);
        this.postRoot(SERVICE, 7, VOTE_EPOCH, newer, 0);
        require(_earnings.rootOf(SERVICE).root == newer, "unchanged");
    }

    function test_RefusesToPayWhoIsNoOperator() public {
        _fundService(SERVICE, 1000);
        EarningsTool.Entry[] memory file = _file(9, 0, 300);
        _post(SERVICE, 1, file);
        vm.expectRevert(abi.encodeWithSelector(IRewardStream.RewardStreamNotOperator.selector, file[4].operator));
        this.collect(SERVICE, 4, file[4].operator, file[4].cumulativeWei, file.open(4));
        _nothingPaid(1000);
    }

    function test_RefusesBadFundings() public {
        vm.expectRevert(IServiceEarnings.ServiceEarningsZeroAmount.selector);
        _earnings.fund(SERVICE, 0);
        vm.expectRevert(abi.encodeWithSelector(IServiceRegistry.ServiceRegistryUnknownService.selector, 3));
        _earnings.fund(3, 1);
        _equal(_earnings.balanceWei(3), 0, "nothing");
    }

    function test_RefusesATokenThatKeepsAFee() public {
        _deployStaking(new FeeTokenMock());
        _deployEarnings();
        token.mint(address(this), 100);
        token.approve(address(_earnings), 100);
        vm.expectRevert(abi.encodeWithSelector(IServiceEarnings.ServiceEarningsAmountMismatch.selector, 100, 99));
        _earnings.fund(SERVICE, 100);
        _equal(token.balanceOf(address(this)), 100, "tokens stay");
        _equal(_earnings.balanceWei(SERVICE), 0, "nothing");
    }

    function test_RefusesToBeEnteredFromTheToken() public {
        ReentrantTokenMock reentrant = new ReentrantTokenMock();
        _deployStaking(reentrant);
        _deployEarnings();
        _fundService(SERVICE, 1000);
        EarningsTool.Entry[] memory file = _file(9, 0, 300);
        _post(SERVICE, 1, file);
        bytes[2] memory calls = [
            abi.encodeCall(IServiceEarnings.fund, (SERVICE, 1)),
            abi.encodeCall(IServiceEarnings.collect, (SERVICE, 0, OPERATOR, 300, file.open(0)))
        ];
        for (uint256 i = 0; i < 2; ++i) {
            reentrant.setCall(address(_earnings), calls[i]);
            vm.expectRevert(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
            this.collect(SERVICE, 0, OPERATOR, 300, file.open(0));
        }
        reentrant.setCall(address(0), "");
        _equal(_collect(SERVICE, file, 0), 300, "paid once");
    }

    function test_RefusesAQuorumOfAnotherRegistry() public {
        QuorumStub others = new QuorumStub(IServiceRegistry(address(0xBAD)));
        vm.expectRevert(
            abi.encodeWithSelector(
                IServiceEarnings.ServiceEarningsRegistryMismatch.selector,
                address(services),
                address(0xBAD)
            )
        );
        this.createEarnings(address(others));
    }

    /// @dev Whatever the roots say and the account holds: paid is the highest entry so far as far as it was funded.
    function testFuzz_PaysTheGrowthAsFarAsItIsFunded(uint96[8] calldata entries, uint96[8] calldata fundings) public {
        uint256 fundedWei;
        uint256 highest;
        for (uint32 i = 0; i < 8; ++i) {
            if (fundings[i] != 0) _fundService(SERVICE, fundings[i]);
            fundedWei += fundings[i];
            if (entries[i] > highest) highest = entries[i];
            EarningsTool.Entry[] memory file = _file(9, i, entries[i]);
            _post(SERVICE, i + 1, file);
            try this.collect(SERVICE, i, OPERATOR, entries[i], file.open(i)) {} catch {}
            uint256 paidWei = _earnings.collectedWei(SERVICE, OPERATOR);
            require(paidWei <= highest, "no more than certified");
            _equal(paidWei + _earnings.balanceWei(SERVICE), fundedWei, "no more than funded");
            require(entries[i] <= paidWei || _earnings.balanceWei(SERVICE) == 0, "all that is due and there");
            _equal(rewards.fundedWei(OPERATOR), paidWei, "all in the stream");
        }
        _equal(token.balanceOf(address(_earnings)), _earnings.balanceWei(SERVICE), "backed");
    }

    function collect(
        uint32 serviceId,
        uint32 index,
        address operator,
        uint96 cumulativeWei,
        LeafOpening calldata opening
    ) external returns (uint256) {
        return _earnings.collect(serviceId, index, operator, cumulativeWei, opening);
    }

    function postRoot(uint32 serviceId, uint64 number, uint64 epoch, bytes32 root, uint32 count) external {
        _earnings.postRoot(serviceId, number, epoch, root, count, _certificate());
    }

    function createEarnings(address quorum) external returns (address) {
        return deployArtifact("staking", "ServiceEarnings", abi.encode(quorum, rewards));
    }

    function _deployEarnings() private {
        _createService(0, WAD);
        _createService(0, WAD);
        _quorum = new QuorumStub(services);
        _earnings = IServiceEarnings(this.createEarnings(address(_quorum)));
    }

    /// @dev Entries of nobody in particular but for the operator's at `index`.
    function _file(
        uint256 count,
        uint256 index,
        uint96 cumulativeWei
    ) private pure returns (EarningsTool.Entry[] memory entries) {
        entries = new EarningsTool.Entry[](count);
        for (uint256 i = 0; i < count; ++i)
            entries[i] = EarningsTool.Entry(address(uint160(0xE000 + i)), uint96(i + 1));
        entries[index] = EarningsTool.Entry(OPERATOR, cumulativeWei);
    }

    function _fundService(uint32 serviceId, uint256 amountWei) private {
        token.mint(address(this), amountWei);
        token.approve(address(_earnings), amountWei);
        _earnings.fund(serviceId, amountWei);
    }

    function _post(uint32 serviceId, uint64 number, EarningsTool.Entry[] memory file) private {
        bytes32 root = file.root();
        _quorum.certify(_vote(serviceId, number, root, uint32(file.length)));
        _earnings.postRoot(serviceId, number, VOTE_EPOCH, root, uint32(file.length), _certificate());
    }

    function _collect(uint32 serviceId, EarningsTool.Entry[] memory file, uint256 index) private returns (uint256) {
        EarningsTool.Entry memory entry = file[index];
        return _earnings.collect(serviceId, uint32(index), entry.operator, entry.cumulativeWei, file.open(index));
    }

    function _expectNothingNew(uint96 cumulativeWei) private {
        bytes4 selector = IServiceEarnings.ServiceEarningsNothingNew.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, OPERATOR, cumulativeWei, 300));
    }

    function _expectWrongEntry(uint32 index, bytes32 claimed, bytes32 actual) private {
        bytes4 selector = IServiceEarnings.ServiceEarningsWrongEntry.selector;
        vm.expectRevert(abi.encodeWithSelector(selector, index, claimed, actual));
    }

    function _nothingPaid(uint256 fundedWei) private view {
        _equal(_earnings.balanceWei(SERVICE), fundedWei, "the account is untouched");
        _equal(_earnings.collectedWei(SERVICE, OPERATOR), 0, "nothing collected");
        _equal(rewards.fundedWei(OPERATOR), 0, "nothing paid");
    }

    function _vote(uint32 serviceId, uint64 number, bytes32 root, uint32 count) private pure returns (Vote memory) {
        return Vote(serviceId, VOTE_EPOCH, number, 0, 1, keccak256(abi.encode(root, count)));
    }

    function _entry(address operator, uint96 cumulativeWei) private pure returns (bytes32) {
        return bytes32(abi.encodePacked(operator, cumulativeWei));
    }

    function _certificate() private pure returns (Certificate memory) {
        return Certificate("", 0);
    }
}
