// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { ModelShares } from "../../../contracts/models/ModelShares.sol";
import { TokenMock } from "../../../contracts/mocks/TokenMock.sol";
import { AllocationTool } from "../../support/AllocationTool.sol";
import { ModelsFixture } from "../../support/ModelsFixture.sol";
import { vm } from "../../support/Vm.sol";

/// @dev What anybody may do with shares, and beside it what each owner should have earned: for every payment, its amount
/// times the shares held at that moment, those still in escrow counted for whom they are meant.
contract SharesHandler {
    using AllocationTool for AllocationTool.Files;

    uint256 public constant OWNERS = 5;

    AllocationTool.Files private _files;
    ModelShares private _shares;
    TokenMock private _token;

    mapping(uint256 owner => uint256 scaled) public earnedScaled;
    mapping(uint256 owner => uint256 amountWei) public withdrawnWei;
    mapping(uint256 owner => uint256 balance) public held;
    uint256 public sentWei;

    constructor(ModelShares shares_, TokenMock token_, AllocationTool.Files memory files) {
        _shares = shares_;
        _token = token_;
        _files = files;
    }

    function account(uint256 owner) external view returns (address) {
        return _files.accounts[owner];
    }

    function meant(uint256 owner) public view returns (uint256) {
        return _shares.isClaimed(uint32(owner)) ? 0 : _files.amounts[owner];
    }

    function claim(uint256 owner) external {
        owner %= OWNERS;
        if (_shares.isClaimed(uint32(owner))) return;
        _files.claim(_shares, owner);
        held[owner] += _files.amounts[owner];
    }

    function distribute(uint96 amountWei) external {
        uint256 wei_ = 1 + uint256(amountWei);
        _token.mint(address(this), wei_);
        _token.approve(address(_shares), wei_);
        _shares.distribute(wei_);
        _earn(wei_);
    }

    function distributeLittle(uint8 amountWei) external {
        _token.mint(address(_shares), 1 + uint256(amountWei));
        _shares.sync();
        _earn(1 + uint256(amountWei));
    }

    function transfer(uint256 from, uint256 to, uint256 amount) external {
        (from, to) = (from % OWNERS, to % OWNERS);
        amount %= held[from] + 1;
        vm.prank(_files.accounts[from]);
        _shares.transfer(_files.accounts[to], amount);
        held[from] -= amount;
        held[to] += amount;
    }

    function withdraw(uint256 owner) external {
        owner %= OWNERS;
        if (_shares.claimableWei(_files.accounts[owner]) == 0) return;
        vm.prank(_files.accounts[owner]);
        withdrawnWei[owner] += _shares.withdraw(address(0xCAFE));
    }

    function _earn(uint256 amountWei) private {
        sentWei += amountWei;
        for (uint256 i = 0; i < OWNERS; ++i) earnedScaled[i] += amountWei * (held[i] + meant(i));
    }
}

contract ModelSharesInvariantTest is ModelsFixture {
    uint64 private constant SUPPLY = 1_000_003;

    ModelShares private _shares;
    SharesHandler private _handler;

    function setUp() public {
        deployModels();
        AllocationTool.Files memory files = manyOwners(5);
        (files.amounts[0], files.amounts[1], files.amounts[2]) = (600_000, 1, 399_999);
        (files.amounts[3], files.amounts[4]) = (1, 2);
        (, _shares) = publish(createModel(ALICE), files);
        _handler = new SharesHandler(_shares, token, files);
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// @dev Received = paid + claimable + dust, and dust is exactly the fractions owed.
    /// hardhat-config: invariant.runs = 64
    function invariant_receivedIsPaidAndOwedAndDust() external view {
        uint256 claimableWei = _shares.claimableWei(address(_shares));
        uint256 fractions = _shares.owedScaled(address(_shares)) % SUPPLY;
        uint256 holders = _handler.OWNERS();
        for (uint256 i = 0; i < holders; ++i) {
            claimableWei += _shares.claimableWei(_handler.account(i));
            fractions += _shares.owedScaled(_handler.account(i)) % SUPPLY;
        }
        require(fractions % SUPPLY == 0, "fractions add up to whole wei");
        uint256 dustWei = fractions / SUPPLY;
        require(dustWei <= holders, "dust is less than one wei an account");
        require(_shares.receivedWei() == _shares.paidWei() + claimableWei + dustWei, "received = paid + owed + dust");
        require(_shares.receivedWei() == _handler.sentWei(), "received is what was sent");
    }

    /// hardhat-config: invariant.runs = 64
    function invariant_isSolvent() external view {
        require(
            token.balanceOf(address(_shares)) == _shares.receivedWei() - _shares.paidWei(),
            "the balance is what is not paid yet"
        );
    }

    /// @dev Whatever was transferred, claimed or withdrawn when: the integral of ownership over revenue, to the last fraction.
    /// hardhat-config: invariant.runs = 64
    function invariant_everyOwnerHasWhatItsSharesEarned() external view {
        uint256 escrowScaled = _shares.owedScaled(address(_shares));
        uint256 meantScaled = 0;
        for (uint256 i = 0; i < _handler.OWNERS(); ++i) {
            uint256 escrowed = _shares.receivedWei() * _handler.meant(i);
            meantScaled += escrowed;
            uint256 hasScaled = _shares.owedScaled(_handler.account(i)) + _handler.withdrawnWei(i) * SUPPLY + escrowed;
            require(hasScaled == _handler.earnedScaled(i), "owed and withdrawn are what was earned");
        }
        require(escrowScaled == meantScaled, "the escrow is owed what unclaimed shares earned");
    }

    /// hardhat-config: invariant.runs = 64
    function invariant_supplyIsConstant() external view {
        uint256 total = _shares.balanceOf(address(_shares));
        for (uint256 i = 0; i < _handler.OWNERS(); ++i) total += _shares.balanceOf(_handler.account(i));
        require(total == SUPPLY && _shares.totalSupply() == SUPPLY, "no share appears or vanishes");
    }
}
