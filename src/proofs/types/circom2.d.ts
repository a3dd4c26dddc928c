declare module "circom2" {
  import type * as fs from "node:fs";

  interface Bindings {
    fs: Partial<typeof fs> | null;
    exit(code: number): void;
    kill(signal: string): void;
  }

  export const bindings: Bindings;

  export class CircomRunner {
    constructor(options: {
      args: readonly string[];
      env: Record<string, string>;
      preopens: Record<string, string>;
      bindings: Bindings;
    });
    execute(wasm: Uint8Array): Promise<unknown>;
  }
}
