// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @title The judge of one kind of evidence
/// @notice A service names one at its creation, for ever. The Slasher asks it by static call: a verifier decides from
/// the evidence and the chain's state alone and can't change anything.
interface IEvidenceVerifier {
    /// @notice Judges evidence. Reverts unless it proves an offence.
    /// @param serviceId The service in whose name the evidence was submitted. Evidence must be bound to it.
    /// @param evidence The verifier's own encoding.
    /// @return operator Who is proven guilty.
    /// @return offenceKey Names the offence within (service, operator). All evidence of one offence yields one key, so that
    /// an offence is punished once.
    /// @return capturedAt The time (seconds) of the offence. It decides which membership and exposure count, and it must
    /// not be a time that the submitter can choose.
    /// @return wad The part of the operator's magnitude in the service's group to take away, 1e18 = all of it.
    /// @return beneficiary Whom the evidence names as entitled to a bounty, or zero.
    function verify(
        uint32 serviceId,
        bytes calldata evidence
    ) external view returns (address operator, bytes32 offenceKey, uint48 capturedAt, uint64 wad, address beneficiary);
}
