import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import { ZeroAddress } from "ethers";

/**
 * Every contract of a deployment. A parent creates its children in its constructor, so no address is ever set afterwards.
 * Parameters: `deployments/params/<chain id>.json`; without `token` a development token is deployed.
 */
export function glassboxModule(options: { readonly token: string | undefined }) {
  return buildModule("Glassbox", (m) => {
    const token = options.token ? m.contractAt("TokenMock", options.token, { id: "Token" }) : m.contract("TokenMock");

    const OperatorRegistry = m.contract("OperatorRegistry", [m.getParameter("delaySeconds")]);
    const ServiceRegistry = m.contract("ServiceRegistry", [
      OperatorRegistry,
      m.getParameter("stakeEpochSeconds"),
      m.getParameter("guardian", ZeroAddress),
    ]);
    const StakePool = m.contract("StakePool", [
      token,
      OperatorRegistry,
      ServiceRegistry,
      m.getParameter("rewardDripEpochs"),
    ]);
    const Slasher = m.contractAt("Slasher", m.staticCall(StakePool, "slasher"));
    const RewardStream = m.contractAt("RewardStream", m.staticCall(StakePool, "rewards"));

    const QuorumVerifier = m.contract("QuorumVerifier", [ServiceRegistry]);
    const EquivocationVerifier = m.contract("EquivocationVerifier", [
      QuorumVerifier,
      m.getParameter("equivocationWad"),
    ]);
    const ServiceEarnings = m.contract("ServiceEarnings", [QuorumVerifier, RewardStream]);

    const BlockSeeds = m.contract("BlockSeeds");
    const Flow = m.contract("Flow", [m.getParameter("storage"), BlockSeeds, StakePool]);
    const Market = m.contractAt("Market", m.staticCall(Flow, "market"));
    const StorageProofs = m.contractAt("StorageProofs", m.staticCall(Market, "proofs"));

    const DatasetRegistry = m.contract("DatasetRegistry", [Flow]);
    const ProgramRegistry = m.contract("ProgramRegistry");
    const OneStepVerifier = m.contract("OneStepVerifier", [ProgramRegistry]);
    const SubjectReader = m.contract("SubjectReader", [ProgramRegistry, m.getParameter("answerStakeWei")]);
    const DisputeGame = m.contract("DisputeGame", [
      {
        token,
        programs: ProgramRegistry,
        steps: OneStepVerifier,
        bondWei: m.getParameter("gameBondWei"),
        budgetSeconds: m.getParameter("gameBudgetSeconds"),
        extensionSeconds: m.getParameter("gameExtensionSeconds"),
        subjects: SubjectReader,
      },
    ]);
    const AuditDesk = m.contract("AuditDesk", [
      {
        token,
        bondWei: m.getParameter("auditBondWei"),
        auditsPerClaim: m.getParameter("auditsPerClaim"),
        revealSeconds: m.getParameter("auditRevealSeconds"),
        challengeSeconds: m.getParameter("auditChallengeSeconds"),
      },
    ]);
    const JobRegistry = m.contract("JobRegistry", [
      {
        token,
        operators: OperatorRegistry,
        services: ServiceRegistry,
        pool: StakePool,
        datasets: DatasetRegistry,
        flow: Flow,
        disputeGame: DisputeGame,
        auditDesk: AuditDesk,
        limits: m.getParameter("jobLimits"),
      },
    ]);
    const ModelRegistry = m.contractAt("ModelRegistry", m.staticCall(JobRegistry, "models"));
    const TwinRegistry = m.contract("TwinRegistry", [
      Flow,
      token,
      m.getParameter("twinBondWei"),
      m.getParameter("twinWindowSeconds"),
      m.getParameter("twinAvailabilityEpochs"),
    ]);
    const VerifierRegistry = m.contract("VerifierRegistry", [
      ModelRegistry,
      TwinRegistry,
      m.getParameter("keyBondWei"),
      m.getParameter("keyNoticeSeconds"),
    ]);
    const Settlement = m.contract("Settlement", [
      token,
      OperatorRegistry,
      ModelRegistry,
      VerifierRegistry,
      m.getParameter("workerBps"),
      m.getParameter("priceNoticeSeconds"),
    ]);

    return {
      Token: token,
      OperatorRegistry,
      ServiceRegistry,
      StakePool,
      Slasher,
      RewardStream,
      QuorumVerifier,
      EquivocationVerifier,
      ServiceEarnings,
      BlockSeeds,
      Flow,
      Market,
      StorageProofs,
      DatasetRegistry,
      ProgramRegistry,
      OneStepVerifier,
      DisputeGame,
      AuditDesk,
      JobRegistry,
      ModelRegistry,
      TwinRegistry,
      VerifierRegistry,
      Settlement,
    };
  });
}
