// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { IOperatorRegistry } from "../../../contracts/interfaces/staking/IOperatorRegistry.sol";
import { deployArtifact } from "../../support/Deploy.sol";
import { vm } from "../../support/Vm.sol";

contract OperatorRegistryTest {
    address private constant _SIGNER = address(0x51);
    address private constant _OTHER = address(0x52);

    IOperatorRegistry private _operators;

    function setUp() public {
        _operators = this.deploy(7 days);
    }

    function deploy(uint48 delaySeconds) external returns (IOperatorRegistry) {
        return IOperatorRegistry(deployArtifact("staking", "OperatorRegistry", abi.encode(delaySeconds)));
    }

    function test_RejectsDelaysWithoutSense() public {
        uint48[2] memory delays = [uint48(0), 365 days + 1];
        for (uint256 i = 0; i < delays.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    IOperatorRegistry.OperatorRegistryInvalidDelay.selector,
                    delays[i],
                    uint48(365 days)
                )
            );
            this.deploy(delays[i]);
        }
    }

    function test_RegistersTheCaller() public {
        vm.expectEmit();
        emit IOperatorRegistry.OperatorRegistered(address(this), _SIGNER, "http://127.0.0.1:1");
        _operators.register(_SIGNER, "http://127.0.0.1:1");
        require(_operators.isOperator(address(this)), "operator");
        require(_operators.signerOf(address(this)) == _SIGNER, "signer");
        require(_operators.operatorOfSigner(_SIGNER) == address(this), "operator of signer");
        require(_isEndpoint("http://127.0.0.1:1"), "endpoint");
    }

    function test_RejectsASecondRegistration() public {
        _operators.register(_SIGNER, "");
        vm.expectRevert(
            abi.encodeWithSelector(IOperatorRegistry.OperatorRegistryAlreadyRegistered.selector, address(this))
        );
        _operators.register(_OTHER, "");
        require(_operators.operatorOfSigner(_OTHER) == address(0), "nothing changed");
    }

    function test_RejectsTheZeroSigner() public {
        vm.expectRevert(IOperatorRegistry.OperatorRegistryZeroSigner.selector);
        _operators.register(address(0), "");
        require(!_operators.isOperator(address(this)), "nothing changed");
    }

    function test_RejectsASignerOfAnotherOperatorForEver() public {
        vm.startPrank(_OTHER);
        _operators.register(_SIGNER, "");
        _operators.setSigner(_OTHER);
        vm.stopPrank();
        vm.expectRevert(
            abi.encodeWithSelector(IOperatorRegistry.OperatorRegistrySignerTaken.selector, _SIGNER, _OTHER)
        );
        _operators.register(_SIGNER, "");
        require(_operators.operatorOfSigner(_SIGNER) == _OTHER, "old signers stay mapped");
        require(_operators.signerOf(_OTHER) == _OTHER, "new signer");
    }

    function test_RejectsGoingBackToAnOldSigner() public {
        _operators.register(_SIGNER, "");
        _operators.setSigner(_OTHER);
        vm.expectRevert(
            abi.encodeWithSelector(IOperatorRegistry.OperatorRegistrySignerTaken.selector, _SIGNER, address(this))
        );
        _operators.setSigner(_SIGNER);
    }

    function test_TellsWhenASignerEnded() public {
        vm.warp(1_000);
        _operators.register(_SIGNER, "");
        _isInfo(_SIGNER, address(this), 0);
        vm.warp(2_000);
        _operators.setSigner(_OTHER);
        _isInfo(_SIGNER, address(this), 2_000);
        _isInfo(_OTHER, address(this), 0);
        _isInfo(address(this), address(0), 0);

        vm.warp(3_000);
        vm.expectRevert(
            abi.encodeWithSelector(IOperatorRegistry.OperatorRegistrySignerTaken.selector, _SIGNER, address(this))
        );
        _operators.setSigner(_SIGNER);
        _isInfo(_SIGNER, address(this), 2_000);
        _isInfo(_OTHER, address(this), 0);
        require(_operators.signerOf(address(this)) == _OTHER, "nothing changed");
    }

    function test_RejectsALongEndpoint() public {
        vm.expectRevert(abi.encodeWithSelector(IOperatorRegistry.OperatorRegistryEndpointTooLong.selector, 257, 256));
        _operators.register(_SIGNER, string(new bytes(257)));
        require(!_operators.isOperator(address(this)), "nothing changed");
        _operators.register(_SIGNER, string(new bytes(256)));
    }

    function test_OnlyOperatorsChangeAnything() public {
        bytes memory expected = abi.encodeWithSelector(
            IOperatorRegistry.OperatorRegistryNotOperator.selector,
            address(this)
        );
        vm.expectRevert(expected);
        _operators.setSigner(_SIGNER);
        vm.expectRevert(expected);
        _operators.setEndpoint("");
        vm.expectRevert(expected);
        _operators.setCommission(1);
        vm.expectRevert(expected);
        _operators.setBlsKey("", "");
    }

    function test_ChangesTheEndpoint() public {
        _operators.register(_SIGNER, "http://old");
        vm.expectEmit();
        emit IOperatorRegistry.EndpointChanged(address(this), "http://new");
        _operators.setEndpoint("http://new");
        require(_isEndpoint("http://new"), "endpoint");
    }

    function _isInfo(address signer, address operator, uint48 endedAt) private view {
        (address actualOperator, uint48 actualEndedAt) = _operators.signerInfo(signer);
        require(actualOperator == operator && actualEndedAt == endedAt, "signer's info");
    }

    function _isEndpoint(string memory expected) private view returns (bool) {
        return keccak256(bytes(_operators.endpointOf(address(this)))) == keccak256(bytes(expected));
    }
}
