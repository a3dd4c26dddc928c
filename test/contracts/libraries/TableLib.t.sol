// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Bls12381Lib, G1Point } from "../../../contracts/libraries/Bls12381Lib.sol";
import { TableLib } from "../../../contracts/libraries/TableLib.sol";
import { BlsTool } from "../../support/BlsTool.sol";
import { vm } from "../../support/Vm.sol";

contract TableLibTest {
    using Bls12381Lib for G1Point;
    using TableLib for bytes;

    function validate(bytes memory table) external view {
        table.validate();
    }

    function test_RowsAreKeyAndBigEndianWeight() public view {
        bytes memory table = _table(2);
        bytes memory expected = bytes.concat(
            _key(3),
            bytes16(uint128(23)),
            _key(1),
            bytes16(uint128(11)),
            _key(2),
            bytes16(uint128(12))
        );
        require(keccak256(table) == keccak256(expected), "bytes");
    }

    function test_CodeIsAZeroByteAndTheTable() public {
        bytes memory table = _table(3);
        address pointer = table.write();
        require(keccak256(pointer.code) == keccak256(bytes.concat(hex"00", table)), "code");
        require(pointer.codehash == table.hashOf(), "hash");
        require(keccak256(TableLib.read(pointer)) == keccak256(table), "read");
        require(TableLib.rowCount(pointer) == 3 && table.rowsIn() == 3, "rows");
    }

    function test_AStoredTableDoesNothingWhenCalled() public {
        address pointer = _table(1).write();
        (bool success, bytes memory result) = pointer.call{ gas: 10_000 }(hex"12345678");
        require(success && result.length == 0, "stops");
    }

    function test_ReadsSumsAndKeys() public {
        address pointer = _table(5).write();
        (G1Point memory key, uint256 weight) = TableLib.sums(pointer);
        require(keccak256(key.packG1()) == keccak256(_key(15)) && weight == 65, "all");
        (key, weight) = TableLib.sumsOf(pointer, 18);
        require(keccak256(key.packG1()) == keccak256(_key(7)) && weight == 27, "rows 1 and 4");
        (key, weight) = TableLib.sumsOf(pointer, 0);
        require(key.isIdentity() && weight == 0, "none");
        require(TableLib.keyHashAt(pointer, 4) == keccak256(_key(5)), "key hash");
    }

    function keyHashAt(address pointer, uint256 row) external view returns (bytes32) {
        return TableLib.keyHashAt(pointer, row);
    }

    function test_RejectsARowBeyondTheTable() public {
        address pointer = _table(2).write();
        vm.expectRevert(abi.encodeWithSelector(TableLib.TableRowOutOfRange.selector, 2, 2));
        this.keyHashAt(pointer, 2);
    }

    function test_TheLargestTableFitsIntoAContract() public {
        bytes memory table = TableLib.allocate(200);
        bytes memory key = _key(5);
        for (uint256 i = 0; i < 200; ++i) table.append(key, TableLib.MAX_WEIGHT);
        table.seal(BlsTool.keyOf(1000), 200 * TableLib.MAX_WEIGHT);
        table.validate();
        address pointer = table.write();
        (, uint256 weight) = TableLib.sumsOf(pointer, (1 << 200) - 1);
        require(weight == 200 * TableLib.MAX_WEIGHT, "no sum overflows");
    }

    function test_JoinsPages() public view {
        bytes memory whole = _table(5);
        bytes memory joined = TableLib.allocate(5);
        joined.appendAll(_rows(0, 2));
        joined.appendAll(_rows(2, 2));
        joined.appendAll(_rows(2, 5));
        joined.seal(Bls12381Lib.loadG1(whole, 0), whole.weightIn(0));
        require(keccak256(joined) == keccak256(whole), "same bytes");
    }

    function test_ValidatesWhatItBuilds() public view {
        for (uint256 count = 1; count < 6; ++count) _table(count).validate();
    }

    function test_RejectsOtherLengths() public {
        uint256[6] memory lengths = [uint256(0), 112, 2 * 112 - 1, 2 * 112 + 1, 2 * 112 + 111, 202 * 112];
        for (uint256 i = 0; i < lengths.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(TableLib.TableLength.selector, lengths[i], 112, 200));
            this.validate(new bytes(lengths[i]));
        }
    }

    function test_RejectsAWrongSumOfWeights() public {
        bytes memory table = _table(3);
        table[111] = bytes1(uint8(table[111]) + 1);
        vm.expectRevert(abi.encodeWithSelector(TableLib.TableWrongWeightSum.selector, 37, 36));
        this.validate(table);
    }

    function test_RejectsAWrongSumOfKeys() public {
        bytes memory table = _table(3);
        table.seal(BlsTool.keyOf(7), 36);
        vm.expectRevert(TableLib.TableWrongKeySum.selector);
        this.validate(table);
    }

    function test_RejectsARowWithoutWeight() public {
        bytes memory table = _rows(0, 2);
        table = _sealed(table, _key(3), 0);
        vm.expectRevert(abi.encodeWithSelector(TableLib.TableZeroWeight.selector, 2));
        this.validate(table);
    }

    function test_RejectsATooLargeWeight() public {
        bytes memory table = _sealed(_rows(0, 2), _key(3), TableLib.MAX_WEIGHT + 1);
        vm.expectRevert(abi.encodeWithSelector(TableLib.TableWeightTooLarge.selector, 2, TableLib.MAX_WEIGHT + 1));
        this.validate(table);
    }

    function test_RejectsARowWithoutKey() public {
        bytes memory table = _sealed(_rows(0, 2), new bytes(96), 5);
        vm.expectRevert(abi.encodeWithSelector(TableLib.TableIdentityKey.selector, 2));
        this.validate(table);
    }

    function test_RejectsAKeyOffTheCurve() public {
        bytes memory key = _key(3);
        key[95] ^= 0x01;
        bytes memory table = _sealed(_rows(0, 2), key, 5);
        vm.expectRevert(Bls12381Lib.Bls12381InvalidPoint.selector);
        this.validate(table);
    }

    function test_RejectsANonCanonicalKey() public {
        bytes memory key = _key(3);
        for (uint256 i = 0; i < 48; ++i) key[i] = 0xff;
        bytes memory table = _sealed(_rows(0, 2), key, 5);
        vm.expectRevert(Bls12381Lib.Bls12381InvalidPoint.selector);
        this.validate(table);
    }

    /// @dev Secret keys 1, 2, ... with weights 11, 12, ...
    function _table(uint256 count) private view returns (bytes memory table) {
        table = _rows(0, count);
        uint256 sum = (count * (count + 1)) / 2;
        table.seal(BlsTool.keyOf(sum), 10 * count + sum);
    }

    function _rows(uint256 from, uint256 to) private view returns (bytes memory table) {
        table = TableLib.allocate(to - from + 1);
        for (uint256 i = from + 1; i <= to; ++i) table.append(_key(i), 10 + i);
    }

    /// @dev With one more row and a header row that fits the weights.
    function _sealed(bytes memory table, bytes memory key, uint256 weight) private view returns (bytes memory) {
        table.append(key, weight);
        table.seal(BlsTool.keyOf(3), 23 + weight);
        return table;
    }

    function _key(uint256 secret) private view returns (bytes memory) {
        return BlsTool.keyOf(secret).packG1();
    }
}
