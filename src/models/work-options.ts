/** How a long piece of work reports and stops. */
export interface WorkOptions {
  readonly signal?: AbortSignal;
  onProgress?(done: number, total: number): void;
}
