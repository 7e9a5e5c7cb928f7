import { KUBERNETES_RELEASE } from '../../apis/kubernetes-release.ts';
import { newMethodNotAllowed } from '../codec/statuses.ts';
import type { RequestHandler } from './handler.ts';
import { checkProduced } from './route-media-types.ts';

const [major = '', minor = ''] = KUBERNETES_RELEASE.minor.split('.');

/** `version.Info`: which Kubernetes this server speaks like. */
export const VERSION = {
  major,
  minor,
  emulationMajor: major,
  emulationMinor: minor,
  minCompatibilityMajor: '1',
  minCompatibilityMinor: '20',
  gitVersion: `${KUBERNETES_RELEASE.version}+zeroplane`,
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: KUBERNETES_RELEASE.go,
  compiler: 'node',
  platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
};

/** `/version` */
export const serveVersion: RequestHandler = async (context) => {
  if (context.request.method !== 'GET') throw newMethodNotAllowed();
  checkProduced(context, ['application/json']);
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(VERSION, undefined, 2)),
  };
};
