// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { CodeLib } from "../../../contracts/libraries/CodeLib.sol";
import { vm } from "../../support/Vm.sol";

contract CodeLibTest {
    function write(bytes calldata content) external returns (address) {
        return CodeLib.write(content);
    }

    function testFuzz_ReadsWhatItWrote(bytes calldata content) public {
        address stored = CodeLib.write(content);
        require(keccak256(CodeLib.read(stored)) == keccak256(content), "content");
        require(keccak256(stored.code) == keccak256(bytes.concat(hex"00", content)), "code");
    }

    function test_CallsDoNothing() public {
        (bool success, bytes memory result) = CodeLib.write(hex"60016000f3fd").call(hex"12345678");
        require(success && result.length == 0, "stops");
    }

    function test_RejectsMoreThanOneContractHolds() public {
        uint256 max = CodeLib.MAX_BYTES;
        require(CodeLib.read(CodeLib.write(new bytes(max))).length == max, "longest");
        bytes memory content = new bytes(max + 1);
        vm.expectRevert(abi.encodeWithSelector(CodeLib.CodeTooLong.selector, max + 1, max));
        this.write(content);
    }

    function test_RejectsWhatTheGasIsTooLittleFor() public {
        vm.expectRevert(CodeLib.CodeWriteFailed.selector);
        this.write{ gas: 500_000 }(new bytes(10_000));
    }
}
