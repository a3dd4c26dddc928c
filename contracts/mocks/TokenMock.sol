// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import { ERC20Permit } from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @title The deployment's token on development chains
/// @notice Anyone mints. Deploy uses it only where no token is given and the chain is a development chain.
contract TokenMock is ERC20, ERC20Permit {
    constructor() ERC20("Glassbox development token", "GBOX") ERC20Permit("Glassbox development token") {}

    function mint(address to, uint256 amountWei) external {
        _mint(to, amountWei);
    }
}
