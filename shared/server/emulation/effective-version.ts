/**
 * `--emulated-version` and `--min-compatibility-version`
 * (https://github.com/kubernetes/component-base/blob/master/compatibility/registry.go, version.go). Upstream supports
 * three releases back; this server supports all releases of which it has the facts.
 */

import { KUBERNETES_RELEASE } from '../../apis/kubernetes-release.ts';
import { compareMinors, minorNumber } from '../../apis/minor.ts';
import { quote } from '../../runtime/go-format.ts';
import type { ServerRunOptions } from '../options/options.ts';

/** The emulated release and the earliest compatible one, as minors: `1.25`. */
export interface EffectiveVersion {
  readonly emulation: string;
  readonly minCompatibility: string;
}

/** The oldest release that can be emulated. */
const OLDEST_MINOR = '1.20';

/** All releases that can be emulated, oldest first. */
export const EMULATED_MINORS: readonly string[] = Array.from(
  { length: minorNumber(KUBERNETES_RELEASE.minor) - minorNumber(OLDEST_MINOR) + 1 },
  (_, index) => `1.${minorNumber(OLDEST_MINOR) + index}`,
);

type GivenVersions = Pick<ServerRunOptions, 'emulatedVersion' | 'minCompatibilityVersion'>;

const COMPONENT = 'kube';

/** Throws Error for an invalid version. */
function parseVersion(text: string): readonly number[] {
  const match = /^\s*v?(\d+(?:\.\d+)*)/.exec(text);
  if (match === null) throw new Error(`could not parse ${quote(text)} as version`);
  const components = match[1]!.split('.');
  if (components.length < 2) throw new Error(`illegal version string ${quote(text)}`);
  if (/^0\d/.test(components[0]!)) {
    throw new Error(`illegal zero-prefixed version component ${quote(components[0]!)} in ${quote(text)}`);
  }
  return components.map(Number);
}

/** The version that a flag sets for `kube`; undefined if it sets none. Throws Error with upstream's text. */
function versionOf(texts: readonly string[]): string | undefined {
  let found: string | undefined;
  for (const text of texts) {
    const [, component = COMPONENT, given = ''] = /^(?:([^=]*)=)?(.*)$/s.exec(text)!;
    const name = component.trim();
    const numbers = parseVersion(given.trim());
    const version = numbers.join('.');
    if ((numbers[2] ?? 0) !== 0) throw new Error(`patch version not allowed, got: ${name}=${version}`);
    if (name !== COMPONENT) throw new Error(`component not registered: ${name}`);
    if (found !== undefined) {
      throw new Error(`duplicate version flag, ${name}=${found} and ${name}=${version}`);
    }
    found = numbers.slice(0, 2).join('.');
  }
  return found;
}

function before(minor: string): string {
  const earlier = minor.replace(/\d+$/, (number) => String(Number(number) - 1));
  return compareMinors(earlier, OLDEST_MINOR) < 0 ? OLDEST_MINOR : earlier;
}

/** Throws Error for an invalid version and for one outside of the supported range. */
export function effectiveVersion(given: GivenVersions): EffectiveVersion {
  const errors = effectiveVersionErrors(given);
  if (errors.length > 0) throw new Error(errors.join('\n'));
  return read(given);
}

function read({ emulatedVersion, minCompatibilityVersion }: GivenVersions): EffectiveVersion {
  const emulation = versionOf(emulatedVersion) ?? KUBERNETES_RELEASE.minor;
  return { emulation, minCompatibility: versionOf(minCompatibilityVersion) ?? before(emulation) };
}

/** Whether `minor`, which may be of any major version, is between `floor` and `ceiling`, inclusive. */
const isBetween = (minor: string, floor: string, ceiling: string): boolean =>
  minor.startsWith('1.') && compareMinors(minor, floor) >= 0 && compareMinors(minor, ceiling) <= 0;

/** The errors in the flags, with upstream's texts. */
export function effectiveVersionErrors(given: GivenVersions): string[] {
  let version: EffectiveVersion;
  try {
    version = read(given);
  } catch (error) {
    return [(error as Error).message];
  }
  const { emulation, minCompatibility } = version;
  const { minor } = KUBERNETES_RELEASE;
  const errors: string[] = [];
  if (!isBetween(emulation, OLDEST_MINOR, minor)) {
    errors.push(`emulation version ${emulation} is not between [${OLDEST_MINOR}, ${minor}.0]`);
  }
  if (!isBetween(minCompatibility, OLDEST_MINOR, emulation)) {
    errors.push(
      `minCompatibilityVersion version ${minCompatibility} is not between [${OLDEST_MINOR}, ${emulation}]`,
    );
  }
  return errors;
}
