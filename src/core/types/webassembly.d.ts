/** The part of the WebAssembly JavaScript interface that the kernels use; Node's types lack it. */
declare namespace WebAssembly {
  type Module = object;
  const Module: new (bytes: Uint8Array) => Module;

  class Instance {
    readonly exports: Readonly<Record<string, unknown>>;
    constructor(module: Module, imports?: Readonly<Record<string, Readonly<Record<string, unknown>>>>);
  }

  class Memory {
    readonly buffer: ArrayBuffer;
    constructor(pages: { readonly initial: number });
  }

  class Global {
    readonly value: number;
  }
}
