// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IERC1271 } from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import { IModelRegistry } from "../../../contracts/interfaces/models/IModelRegistry.sol";
import { Answer, Escrow, ISettlement, Price, Voucher } from "../../../contracts/interfaces/models/ISettlement.sol";
import { IVerifierRegistry } from "../../../contracts/interfaces/proofs/IVerifierRegistry.sol";
import { Groth16Lib, VerifyingKey } from "../../../contracts/libraries/Groth16Lib.sol";
import { ModelShares } from "../../../contracts/models/ModelShares.sol";
import { Settlement } from "../../../contracts/models/Settlement.sol";
import { VerifierRegistry } from "../../../contracts/proofs/VerifierRegistry.sol";
import { OperatorRegistry } from "../../../contracts/staking/OperatorRegistry.sol";
import { deployArtifact } from "../../support/Deploy.sol";
import { Groth16Tool } from "../../support/Groth16Tool.sol";
import { ModelsFixture } from "../../support/ModelsFixture.sol";
import { vm } from "../../support/Vm.sol";

/// @dev A wallet that accepts what its owner signed.
contract Wallet is IERC1271 {
    address private immutable OWNER;

    constructor(address owner) {
        OWNER = owner;
    }

    function isValidSignature(bytes32 digest, bytes calldata signature) external view returns (bytes4) {
        return ECDSA.recover(digest, signature) == OWNER ? IERC1271.isValidSignature.selector : bytes4(0);
    }
}

contract SettlementTest is ModelsFixture {
    bytes32 private constant CIRCUIT = keccak256("circuit");
    uint256 private constant CONSUMER_KEY = 0xC0FFEE;
    uint128 private constant PRICE_WEI = 1_001;
    uint48 private constant NOTICE_SECONDS = 1 days;
    address private constant PROVIDER = address(0x9407);

    OperatorRegistry private _operators;
    VerifierRegistry private _verifiers;
    Settlement private _settlement;
    ModelShares private _shares;
    uint256 private _versionId;
    address private _consumer;

    function deploySettlement(uint16 workerBps) public returns (Settlement) {
        bytes memory arguments = abi.encode(token, _operators, models, _verifiers, workerBps, NOTICE_SECONDS);
        return Settlement(deployArtifact("models", "Settlement", arguments));
    }

    function setUp() public {
        deployModels();
        (_versionId, _shares) = publish(createModel(ALICE), threeOwners(3, 3, 1));
        _operators = OperatorRegistry(deployArtifact("staking", "OperatorRegistry", abi.encode(7 days)));
        vm.prank(PROVIDER);
        _operators.register(address(0x5169), "");
        _verifiers = VerifierRegistry(
            deployArtifact("proofs", "VerifierRegistry", abi.encode(models, address(0), 0, 7 days))
        );
        VerifyingKey memory key = Groth16Tool.key(2, false);
        vm.prank(ALICE);
        _verifiers.register(_versionId, CIRCUIT, key);
        _settlement = deploySettlement(2_000);
        vm.prank(PROVIDER);
        _settlement.setPrice(_versionId, PRICE_WEI);
        _consumer = vm.addr(CONSUMER_KEY);
        _deposit(_consumer, 10 * uint256(PRICE_WEI));
    }

    function test_constructor_boundsTheWorkersPart() public {
        vm.expectRevert(abi.encodeWithSelector(ISettlement.SettlementBadBps.selector, 10_001, 10_000));
        this.deploySettlement(10_001);
    }

    function test_setPrice_onlyByOperators() public {
        vm.expectRevert(abi.encodeWithSelector(ISettlement.SettlementNotOperator.selector, ALICE));
        vm.prank(ALICE);
        _settlement.setPrice(_versionId, 1);
    }

    function test_setPrice_refusesUnknownVersionsAndNothing() public {
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelRegistryUnknownVersion.selector, 5, 1));
        vm.prank(PROVIDER);
        _settlement.setPrice(5, 1);
        vm.expectRevert(ISettlement.SettlementZeroPrice.selector);
        vm.prank(PROVIDER);
        _settlement.setPrice(_versionId, 0);
    }

    function test_setPrice_takesEffectAfterTheNotice() public {
        uint48 effectiveAt = uint48(YEAR_2026) + NOTICE_SECONDS;
        vm.expectEmit();
        emit ISettlement.PriceSet(PROVIDER, _versionId, 1, 5, effectiveAt);
        vm.prank(PROVIDER);
        require(_settlement.setPrice(_versionId, 5) == 1, "the second price");
        _expectCurrentPrice(0, PRICE_WEI);

        vm.expectRevert(abi.encodeWithSelector(ISettlement.SettlementPricePending.selector, 1, effectiveAt));
        vm.prank(PROVIDER);
        _settlement.setPrice(_versionId, 6);

        vm.warp(effectiveAt);
        _expectCurrentPrice(1, 5);
        Price memory price = _settlement.price(PROVIDER, _versionId, 0);
        require(price.priceWei == PRICE_WEI && price.effectiveAt == YEAR_2026, "the first price is kept");
    }

    function test_price_refusesUnknownNumbers() public {
        vm.expectRevert(abi.encodeWithSelector(ISettlement.SettlementUnknownPrice.selector, 1, 1));
        _settlement.price(PROVIDER, _versionId, 1);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.SettlementUnknownPrice.selector, 0, 0));
        _settlement.currentPrice(ALICE, _versionId);
    }

    function test_deposit_onlyForOperatorsAndMoreThanNothing() public {
        vm.expectRevert(abi.encodeWithSelector(ISettlement.SettlementNotOperator.selector, BOB));
        _settlement.deposit(BOB, 1);
        vm.expectRevert(ISettlement.SettlementZeroAmount.selector);
        _settlement.deposit(PROVIDER, 0);
    }

    function test_withdraw_afterTheNotice() public {
        uint48 availableAt = uint48(YEAR_2026) + NOTICE_SECONDS;
        vm.expectRevert(abi.encodeWithSelector(ISettlement.SettlementNothingRequested.selector, _consumer, PROVIDER));
        vm.prank(_consumer);
        _settlement.withdraw(PROVIDER);

        vm.prank(_consumer);
        _settlement.requestWithdraw(PROVIDER, 10_000);
        require(_settlement.spendableWei(_consumer, PROVIDER) == 10, "the provider counts on the rest only");
        vm.warp(availableAt - 1);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.SettlementNoticeRunning.selector, availableAt));
        vm.prank(_consumer);
        _settlement.withdraw(PROVIDER);

        vm.warp(availableAt);
        vm.prank(_consumer);
        require(_settlement.withdraw(PROVIDER) == 10_000 && token.balanceOf(_consumer) == 10_000, "paid back");
        require(_settlement.escrow(_consumer, PROVIDER).balanceWei == 10, "the rest stays");
        vm.expectRevert(abi.encodeWithSelector(ISettlement.SettlementNothingRequested.selector, _consumer, PROVIDER));
        vm.prank(_consumer);
        _settlement.withdraw(PROVIDER);
    }

    function test_requestWithdraw_boundsReplacesAndTakesBack() public {
        vm.expectRevert(abi.encodeWithSelector(ISettlement.SettlementInsufficientEscrow.selector, 10_011, 10_010));
        vm.prank(_consumer);
        _settlement.requestWithdraw(PROVIDER, 10_011);
        vm.prank(_consumer);
        _settlement.requestWithdraw(PROVIDER, 10_010);
        vm.warp(YEAR_2026 + 100);
        vm.prank(_consumer);
        _settlement.requestWithdraw(PROVIDER, 4);
        Escrow memory held = _settlement.escrow(_consumer, PROVIDER);
        require(
            held.requestedWei == 4 && held.availableAt == YEAR_2026 + 100 + NOTICE_SECONDS,
            "the notice starts anew"
        );
        vm.prank(_consumer);
        _settlement.requestWithdraw(PROVIDER, 0);
        require(_settlement.spendableWei(_consumer, PROVIDER) == 10_010, "taken back");
    }

    /// @dev A request doesn't protect the tokens from vouchers: they are drawn first, the request gets what is left.
    function test_withdraw_paysWhatVouchersLeft() public {
        vm.prank(_consumer);
        _settlement.requestWithdraw(PROVIDER, 10_010);
        _settle(_voucher(1));
        require(_settlement.spendableWei(_consumer, PROVIDER) == 0, "nothing to count on");
        vm.warp(YEAR_2026 + NOTICE_SECONDS);
        vm.prank(_consumer);
        require(_settlement.withdraw(PROVIDER) == 10_010 - PRICE_WEI, "what is left");
    }

    function test_settle_splitsTheFee() public {
        Voucher memory voucher = _voucher(1);
        bytes memory signature = _sign(voucher);
        Answer memory answer = _answer(1);
        vm.expectEmit();
        emit ISettlement.AnswerSettled(
            _consumer,
            PROVIDER,
            _versionId,
            0,
            1,
            CIRCUIT,
            answer.inputHash,
            answer.answer,
            1_001,
            200
        );
        vm.prank(BOB);
        _settlement.settle(voucher, signature, answer);

        require(_settlement.owedWei(PROVIDER) == 200, "a fifth, rounded down, to the worker");
        require(_shares.receivedWei() == 801 && token.balanceOf(address(_shares)) == 801, "the rest to the shares");
        require(_settlement.escrow(_consumer, PROVIDER).balanceWei == 9 * uint256(PRICE_WEI), "paid from escrow");
        require(_settlement.settledUnits(_consumer, PROVIDER, _versionId, 0) == 1, "the channel advanced");
        require(token.allowance(address(_settlement), address(_shares)) == 0, "no allowance is left");
    }

    function test_settle_manyThenPaysTheWorker() public {
        for (uint64 units = 1; units <= 10; ++units) _settle(_voucher(units));
        require(_settlement.escrow(_consumer, PROVIDER).balanceWei == 0, "all is spent");
        vm.expectEmit();
        emit ISettlement.OwedWithdrawn(PROVIDER, CAROL, 2_000);
        vm.prank(PROVIDER);
        require(_settlement.withdrawOwed(CAROL) == 2_000 && token.balanceOf(CAROL) == 2_000, "paid");
        require(token.balanceOf(address(_settlement)) == 0 && _shares.receivedWei() == 8_010, "money in = money out");
        vm.expectRevert(abi.encodeWithSelector(ISettlement.SettlementNothingOwed.selector, PROVIDER));
        vm.prank(PROVIDER);
        _settlement.withdrawOwed(CAROL);
    }

    function test_settle_refusesReplayAndGaps() public {
        _settle(_voucher(1));
        _expectRefused(
            _voucher(1),
            _answer(1),
            abi.encodeWithSelector(ISettlement.SettlementWrongUnits.selector, 1, 2)
        );
        _expectRefused(
            _voucher(3),
            _answer(3),
            abi.encodeWithSelector(ISettlement.SettlementWrongUnits.selector, 3, 2)
        );
        _expectRefused(
            _voucher(0),
            _answer(0),
            abi.encodeWithSelector(ISettlement.SettlementWrongUnits.selector, 0, 2)
        );
    }

    function test_settle_refusesAnotherFee() public {
        Voucher memory voucher = _voucher(1);
        voucher.cumulativeFeeWei += 1;
        _expectRefused(
            voucher,
            _answer(1),
            abi.encodeWithSelector(ISettlement.SettlementWrongFee.selector, 1_002, 1_001)
        );
    }

    function test_settle_refusesAnotherInput() public {
        _expectRefused(
            _voucher(1),
            _answer(2),
            abi.encodeWithSelector(ISettlement.SettlementWrongRequest.selector, _root(1), _root(2))
        );
    }

    function test_settle_refusesAnotherAnswer() public {
        Answer memory answer = _answer(1);
        answer.answer = 4;
        _expectRefused(
            _voucher(1),
            answer,
            abi.encodeWithSelector(ISettlement.SettlementBadProof.selector, _versionId, CIRCUIT)
        );
    }

    function test_settle_refusesInputsOutsideTheField() public {
        Voucher memory voucher = _voucher(1);
        Answer memory answer = _answer(1);
        answer.inputHash += Groth16Tool.R;
        voucher.requestsRoot = keccak256(abi.encodePacked(answer.inputHash, new bytes(224)));
        _expectRefused(
            voucher,
            answer,
            abi.encodeWithSelector(Groth16Lib.Groth16InputOutOfField.selector, 1, answer.inputHash)
        );
    }

    function test_settle_refusesUnknownCircuits() public {
        Answer memory answer = _answer(1);
        answer.circuitId = keccak256("other");
        _expectRefused(
            _voucher(1),
            answer,
            abi.encodeWithSelector(IVerifierRegistry.VerifierRegistryUnknownKey.selector, _versionId, answer.circuitId)
        );
    }

    function test_settle_refusesSignaturesOfOthers() public {
        Voucher memory voucher = _voucher(1);
        voucher.consumer = BOB;
        bytes memory signature = _sign(voucher);
        bytes memory refusal = abi.encodeWithSelector(
            ISettlement.SettlementBadSignature.selector,
            BOB,
            _settlement.voucherDigest(voucher)
        );
        Answer memory answer = _answer(1);
        vm.expectRevert(refusal);
        _settlement.settle(voucher, signature, answer);
        vm.expectRevert(refusal);
        _settlement.settle(voucher, new bytes(3), answer);
        _expectUnchanged(0);
    }

    function test_settle_takesAKeysVoucherAfterItsAccountGotCode() public {
        Voucher memory voucher = _voucher(1);
        bytes memory signature = _sign(voucher);
        // What an EIP-7702 delegation leaves at the consumer's address once it has its answer.
        vm.etch(_consumer, hex"ef01000000000000000000000000000000000000000001");
        Answer memory answer = _answer(1);
        _settlement.settle(voucher, signature, answer);
        require(_settlement.settledUnits(_consumer, PROVIDER, _versionId, 0) == 1, "the provider is paid");
    }

    function test_withdrawOwed_refusesNobodyAndItself() public {
        _settle(_voucher(1));
        vm.expectRevert(abi.encodeWithSelector(ISettlement.SettlementBadReceiver.selector, address(0)));
        vm.prank(PROVIDER);
        _settlement.withdrawOwed(address(0));
        vm.expectRevert(abi.encodeWithSelector(ISettlement.SettlementBadReceiver.selector, address(_settlement)));
        vm.prank(PROVIDER);
        _settlement.withdrawOwed(address(_settlement));
        require(_settlement.owedWei(PROVIDER) == 200, "still owed");
    }

    function test_settle_refusesVouchersOfAnotherChain() public {
        Voucher memory voucher = _voucher(1);
        bytes memory signature = _sign(voucher);
        Answer memory answer = _answer(1);
        vm.chainId(1);
        bytes32 digest = _settlement.voucherDigest(voucher);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.SettlementBadSignature.selector, _consumer, digest));
        _settlement.settle(voucher, signature, answer);
        vm.chainId(31337);
        _settlement.settle(voucher, signature, answer);
    }

    function test_settle_refusesVouchersOfAnotherContract() public {
        Settlement other = deploySettlement(2_000);
        vm.prank(PROVIDER);
        other.setPrice(_versionId, PRICE_WEI);
        Voucher memory voucher = _voucher(1);
        bytes memory signature = _sign(voucher);
        Answer memory answer = _answer(1);
        bytes32 digest = other.voucherDigest(voucher);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.SettlementBadSignature.selector, _consumer, digest));
        other.settle(voucher, signature, answer);
    }

    function test_settle_refusesMoreThanTheEscrow() public {
        for (uint64 units = 1; units <= 10; ++units) _settle(_voucher(units));
        Voucher memory voucher = _voucher(11);
        bytes memory signature = _sign(voucher);
        Answer memory answer = _answer(11);
        vm.expectRevert(
            abi.encodeWithSelector(ISettlement.SettlementInsufficientEscrow.selector, uint256(PRICE_WEI), 0)
        );
        _settlement.settle(voucher, signature, answer);
        require(_settlement.settledUnits(_consumer, PROVIDER, _versionId, 0) == 10, "the channel stays");
    }

    function test_settle_atEachAgreedPrice() public {
        vm.prank(PROVIDER);
        _settlement.setPrice(_versionId, 5);
        Voucher memory later = _voucher(1);
        (later.priceVersion, later.cumulativeFeeWei) = (1, 5);
        _expectRefused(
            later,
            _answer(1),
            abi.encodeWithSelector(
                ISettlement.SettlementPriceNotEffective.selector,
                1,
                uint48(YEAR_2026) + NOTICE_SECONDS
            )
        );
        vm.warp(YEAR_2026 + NOTICE_SECONDS);
        _settle(later);
        _settle(_voucher(1));
        require(_settlement.settledUnits(_consumer, PROVIDER, _versionId, 0) == 1, "a channel for each price");
        require(_settlement.settledUnits(_consumer, PROVIDER, _versionId, 1) == 1, "with its own count");
        require(_settlement.escrow(_consumer, PROVIDER).balanceWei == 10_010 - 1_001 - 5, "each at its price");

        later.priceVersion = 2;
        bytes memory signature = _sign(later);
        Answer memory answer = _answer(1);
        vm.expectRevert(abi.encodeWithSelector(ISettlement.SettlementUnknownPrice.selector, 2, 2));
        _settlement.settle(later, signature, answer);
    }

    function test_settle_acceptsContractsBySignatureOfTheirs() public {
        address wallet = address(new Wallet(_consumer));
        _deposit(wallet, PRICE_WEI);
        Voucher memory voucher = _voucher(1);
        voucher.consumer = wallet;
        _settle(voucher);
        require(_settlement.settledUnits(wallet, PROVIDER, _versionId, 0) == 1, "settled");
    }

    function test_settle_withoutSharesOrWithoutWorker() public {
        for (uint16 bps = 0; bps <= 10_000; bps += 10_000) {
            _settlement = deploySettlement(bps);
            vm.prank(PROVIDER);
            _settlement.setPrice(_versionId, PRICE_WEI);
            _deposit(_consumer, PRICE_WEI);
            uint256 before = _shares.receivedWei();
            _settle(_voucher(1));
            require(_settlement.owedWei(PROVIDER) == (bps == 0 ? 0 : PRICE_WEI), "the worker's part");
            require(_shares.receivedWei() - before == (bps == 0 ? PRICE_WEI : 0), "the shares' part");
        }
    }

    function testFuzz_settle_splitsEveryFeeWhole(uint16 bps, uint128 priceWei) public {
        bps = bps % 10_001;
        priceWei = 1 + priceWei / 2;
        _settlement = deploySettlement(bps);
        vm.prank(PROVIDER);
        _settlement.setPrice(_versionId, priceWei);
        _deposit(_consumer, priceWei);
        Voucher memory voucher = _voucher(1);
        voucher.cumulativeFeeWei = priceWei;
        _settle(voucher);
        require(_settlement.owedWei(PROVIDER) + _shares.receivedWei() == priceWei, "nothing is lost");
        require(token.balanceOf(address(_settlement)) == _settlement.owedWei(PROVIDER), "solvent");
    }

    function _deposit(address consumer, uint256 amountWei) private {
        token.mint(consumer, amountWei);
        vm.startPrank(consumer);
        token.approve(address(_settlement), amountWei);
        _settlement.deposit(PROVIDER, amountWei);
        vm.stopPrank();
    }

    function _settle(Voucher memory voucher) private {
        _settlement.settle(voucher, _sign(voucher), _answer(voucher.units));
    }

    function _voucher(uint64 units) private view returns (Voucher memory) {
        return
            Voucher({
                consumer: _consumer,
                provider: PROVIDER,
                versionId: _versionId,
                priceVersion: 0,
                units: units,
                cumulativeFeeWei: uint256(PRICE_WEI) * units,
                requestsRoot: _root(units)
            });
    }

    function _answer(uint256 number) private view returns (Answer memory answer) {
        answer.circuitId = CIRCUIT;
        answer.inputHash = _inputHash(number);
        answer.answer = number % 10;
        uint256[] memory inputs = new uint256[](2);
        (inputs[0], inputs[1]) = (answer.answer, answer.inputHash);
        answer.proof = Groth16Tool.prove(inputs, false);
    }

    function _sign(Voucher memory voucher) private view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(CONSUMER_KEY, _settlement.voucherDigest(voucher));
        return abi.encodePacked(r, s, v);
    }

    function _inputHash(uint256 number) private pure returns (uint256) {
        return uint256(keccak256(abi.encode("input", number))) % Groth16Tool.R;
    }

    function _root(uint256 number) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(_inputHash(number), new bytes(224)));
    }

    function _expectRefused(Voucher memory voucher, Answer memory answer, bytes memory refusal) private {
        uint64 units = _settlement.settledUnits(_consumer, PROVIDER, _versionId, 0);
        bytes memory signature = _sign(voucher);
        vm.expectRevert(refusal);
        _settlement.settle(voucher, signature, answer);
        _expectUnchanged(units);
    }

    function _expectUnchanged(uint64 units) private view {
        require(_settlement.settledUnits(_consumer, PROVIDER, _versionId, 0) == units, "the channel stays");
        require(
            _settlement.escrow(_consumer, PROVIDER).balanceWei == 10_010 - uint256(PRICE_WEI) * units,
            "the escrow stays"
        );
        require(_shares.receivedWei() == 801 * uint256(units), "no revenue arrived");
    }

    function _expectCurrentPrice(uint32 priceVersion, uint256 priceWei) private view {
        (uint32 version, uint256 wei_) = _settlement.currentPrice(PROVIDER, _versionId);
        require(version == priceVersion && wei_ == priceWei, "the price in effect");
    }
}
