import { networkInterfaces } from 'node:os';

const ALL = new Set(['0.0.0.0', '::']);

/**
 * Under which address others reach what listens on `bindAddress`, as kube-apiserver has it: that address, or the
 * machine's own where it listens on all of them; '' if the machine has none but loopback.
 */
export function advertisedAddress(bindAddress: string): string {
  if (!ALL.has(bindAddress)) return bindAddress;
  const outward = Object.values(networkInterfaces()).flatMap((addresses = []) =>
    addresses.filter(({ internal, scopeid }) => !internal && !scopeid),
  );
  const { address = '' } = outward.find(({ family }) => family === 'IPv4') ?? outward[0] ?? {};
  return address;
}
