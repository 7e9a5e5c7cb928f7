import { isDNS1123Label } from '../../meta/validation/names.ts';

/** For workloads whose name becomes part of their pods' names and hostnames. */
export function podNameWarnings(name = ''): string[] {
  const messages = isDNS1123Label(name);
  if (messages.length === 0) return [];
  return [
    `metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; a DNS label is recommended: [${messages.join(' ')}]`,
  ];
}
