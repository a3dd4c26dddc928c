// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import { Game, Stage } from "../interfaces/compute/IDisputeGame.sol";

/// @title Turns of a game, and how long they last
/// @notice A side's seconds in storage are always those of its next turn: what is left of its budget, but never less than the
/// extension. So a turn that begins needs no booking.
library TurnLib {
    /// @notice Whether it is somebody's turn.
    function isRunning(Stage stage) internal pure returns (bool) {
        return stage > Stage.None && stage < Stage.Won;
    }

    /// @notice Whether it is the author's turn, in a game that is running.
    function isAuthors(Stage stage) internal pure returns (bool) {
        return
            stage == Stage.Demanded ||
            stage == Stage.Detail ||
            stage == Stage.OpenSteps ||
            stage == Stage.OpenRecord ||
            stage == Stage.OpenTensor;
    }

    /// @notice The last second of the turn, in a game that is running.
    function lastSecond(Game storage self) internal view returns (uint256) {
        return uint256(self.turnStartedAt) + (isAuthors(self.stage) ? self.authorSeconds : self.challengerSeconds);
    }

    /// @notice Books the time of a turn that ends now, in time, and begins the next.
    function spend(Game storage self, uint32 extensionSeconds) internal {
        uint48 time = uint48(block.timestamp);
        uint32 spent = uint32(time - self.turnStartedAt);
        self.turnStartedAt = time;
        if (isAuthors(self.stage)) self.authorSeconds = _left(self.authorSeconds, spent, extensionSeconds);
        else self.challengerSeconds = _left(self.challengerSeconds, spent, extensionSeconds);
    }

    function _left(uint32 available, uint32 spent, uint32 least) private pure returns (uint32) {
        uint32 left = available - spent;
        return left < least ? least : left;
    }
}
