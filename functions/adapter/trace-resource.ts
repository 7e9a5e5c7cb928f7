/** Resource attributes of all spans that a control plane sends. */
export function traceResource(tenant: string): Readonly<Record<string, string>> {
  return { 'zeroplane.tenant': tenant };
}
