import type { ModelKeyOptions } from "../worker/model-keys.ts";
import type { Context } from "./context.ts";

/** How a command builds keys of circuits: in the cache that the settings name, and telling each stage. */
export function keyOptions(context: Context): ModelKeyOptions {
  return {
    cacheDir: context.settings.cacheDir.value,
    signal: context.signal,
    onProgress: (stage) => {
      context.progress(`circuit: ${stage}`);
    },
  };
}
