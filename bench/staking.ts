import hre from "hardhat";

import { printFigures } from "./figure.ts";
import { measureCertificates } from "./staking/certificates.ts";
import { measureDeposits } from "./staking/deposits.ts";
import { measureSlashes } from "./staking/slashes.ts";

/** Gas of shared staking, each figure a whole transaction on the embedded chain. Run by `glassbox bench staking`. */
const connection = await hre.network.create({ chainType: "l1" });
const figures = [
  ...(await measureDeposits(connection)),
  ...(await measureSlashes(connection)),
  ...(await measureCertificates(connection)),
];
printFigures(figures);
await connection.close();
