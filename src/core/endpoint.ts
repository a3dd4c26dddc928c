/** Hosts of link-local addresses, where clouds answer with credentials. URLs come here normalised, so one form of each is enough. */
const LINK_LOCAL = [/^169\.254\./, /^\[fe[89ab]/, /^\[::ffff:a9fe:/, /^metadata\.google\.internal\.?$/];

/**
 * The base URL of an endpoint that somebody published on chain, without a slash at its end, or undefined if it must not be called:
 * only HTTP, no credentials, no link-local addresses. Names that lead to an internal address are the network's to stop.
 */
export function endpointUrl(text: string): string | undefined {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) return undefined;
  if (url.username !== "" || url.password !== "") return undefined;
  if (LINK_LOCAL.some((pattern) => pattern.test(url.hostname))) return undefined;
  return url.href.replace(/\/$/, "");
}
