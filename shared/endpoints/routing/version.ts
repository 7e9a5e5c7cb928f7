import { KUBERNETES_RELEASE } from '../../apis/kubernetes-release.ts';
import { newMethodNotAllowed } from '../codec/statuses.ts';
import type { RequestHandler } from './handler.ts';
import { checkProduced } from './route-media-types.ts';

const [major = '', minor = ''] = KUBERNETES_RELEASE.minor.split('.');

/** The release of this code. */
export const BUILD = {
  major,
  minor,
  gitVersion: `${KUBERNETES_RELEASE.version}+zeroplane`,
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: KUBERNETES_RELEASE.go,
  compiler: 'node',
  /** Platform and architecture in Go's terms. */
  platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
};

/** `version.Info`: the emulated Kubernetes release and the earliest compatible one, both minors such as `1.25`. */
export function versionInfo(emulation: string, minCompatibility: string) {
  const [emulationMajor = '', emulationMinor = ''] = emulation.split('.');
  const [minCompatibilityMajor = '', minCompatibilityMinor = ''] = minCompatibility.split('.');
  const { major, minor, ...build } = BUILD;
  return {
    major,
    minor,
    emulationMajor,
    emulationMinor,
    minCompatibilityMajor,
    minCompatibilityMinor,
    ...build,
  };
}

/** `/version` */
export function serveVersion(info: ReturnType<typeof versionInfo>): RequestHandler {
  const body = Buffer.from(JSON.stringify(info, undefined, 2));
  return async (context) => {
    if (context.request.method !== 'GET') throw newMethodNotAllowed();
    checkProduced(context, ['application/json']);
    return { status: 200, headers: { 'content-type': 'application/json' }, body };
  };
}
