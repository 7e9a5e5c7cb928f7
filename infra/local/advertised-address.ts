import { networkInterfaces } from 'node:os';

const ALL = new Set(['0.0.0.0', '::']);

/**
 * The address at which other machines reach a listener on `bindAddress`, chosen like kube-apiserver: that address, or
 * the machine's own if it is a wildcard; '' if the machine only has loopback addresses.
 */
export function advertisedAddress(bindAddress: string): string {
  if (!ALL.has(bindAddress)) return bindAddress;
  const outward = Object.values(networkInterfaces()).flatMap((addresses = []) =>
    addresses.filter(({ internal, scopeid }) => !internal && !scopeid),
  );
  const { address = '' } = outward.find(({ family }) => family === 'IPv4') ?? outward[0] ?? {};
  return address;
}
