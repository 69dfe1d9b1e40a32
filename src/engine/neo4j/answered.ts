/** Milliseconds in which a server answers a question about itself or our own nodes. */
const ANSWER = 20_000;

/** No answer in time means that the connection is dead: the reason is one of connecting. */
export function answered(signal: AbortSignal | undefined, within = ANSWER): AbortSignal {
  const late = AbortSignal.timeout(within);
  return signal === undefined ? late : AbortSignal.any([signal, late]);
}
