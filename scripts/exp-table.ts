import { writeFile } from "node:fs/promises";

import { EXP_TABLE_SOURCE, expTableSource } from "./exp-table-source.ts";

await writeFile(new URL(`../${EXP_TABLE_SOURCE}`, import.meta.url), expTableSource());
