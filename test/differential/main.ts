/**
 * `npm run differential -- --peer URL,CA,CERTIFICATE,KEY`: sends the same requests to a kube-apiserver and to this
 * server. Prints the share of equal responses and the causes of all differences; fails if one of them is not accepted.
 *
 * --flag FLAG, which may be repeated, passes a flag to this server that the peer was started with as well: feature
 * gates, an emulated version.
 *
 * --audit FILE compares the events of the audit logs: the peer writes its log there by audit-policy.yaml.
 *
 * The peer runs with --authorization-mode=RBAC, --service-cluster-ip-range=10.0.0.0/24, --allow-privileged and a user
 * in system:masters.
 */

import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { nodeListener } from '../../infra/local/http/node-adapter.ts';
import { flagsOfArguments, parseOptions } from '../../shared/server/options/parse-options.ts';
import { besideAuditLog } from './audit-recorder.ts';
import type { Target } from './exchange.ts';
import { handlerTarget } from './handler-target.ts';
import { besideKubectl } from './kubectl-runner.ts';
import { peerTarget } from './peer-target.ts';
import { clustered, compareServers } from './run-sessions.ts';
import { allSessions } from './sessions/all-sessions.ts';
import { startThisServer } from './this-server.ts';
import { startWebhookRecorder } from './webhook-recorder.ts';

const AUDIT_POLICY = 'test/differential/audit-policy.yaml';

const { values } = parseArgs({
  options: {
    peer: { type: 'string' },
    only: { type: 'string', default: '' },
    /** The peer's audit log, written by audit-policy.yaml. */
    audit: { type: 'string' },
    seeds: { type: 'string', default: '20' },
    /** Output file for all causes, as JSON. */
    out: { type: 'string' },
    /** Output file for accepted responses, for tests without a peer. */
    record: { type: 'string' },
    /** Flags of this server, such as `--feature-gates=AllBeta=false`. */
    flag: { type: 'string', multiple: true, default: [] },
  },
});
if (values.peer === undefined) {
  console.error(
    'usage: npm run differential -- --peer URL,CA,CERTIFICATE,KEY [--only PATTERN] [--seeds N] [--audit FILE] [--out FILE] [--record FILE] [--flag=--NAME=VALUE]',
  );
  process.exit(2);
}

const run = Date.now().toString(36);
const folder = mkdtempSync(join(tmpdir(), 'differential-'));
const ownLog = join(folder, 'audit.log');
const audited = (target: Target, file: string): Target =>
  values.audit === undefined ? target : besideAuditLog(target, file, run);
const peer = audited(peerTarget(values.peer), values.audit ?? '');
const server = await startThisServer({
  ...(values.audit !== undefined && { auditPolicyFile: AUDIT_POLICY, auditLogPath: ownLog }),
  ...parseOptions(flagsOfArguments(values.flag)),
});
const only = new RegExp(values.only);
const sessions = (await allSessions(peer, Number(values.seeds))).filter(({ name }) => only.test(name));
const webhook = await startWebhookRecorder();
const listener = createServer(nodeListener(server.handler)).listen(0, '127.0.0.1');
await once(listener, 'listening');
const [url, ca, certificate, key] = values.peer.split(',') as [string, string, string, string];
const peerSide = besideKubectl(webhook.beside(peer, 'peer'), [
  `--server=${url}`,
  `--certificate-authority=${ca}`,
  `--client-certificate=${certificate}`,
  `--client-key=${key}`,
]);
const { port } = listener.address() as AddressInfo;
const thisSide = besideKubectl(webhook.beside(audited(handlerTarget(server), ownLog), 'this'), [
  `--server=http://127.0.0.1:${port}`,
]);
const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;
const { requests, equal, accepted, findings, recorded } = await compareServers(
  peerSide,
  thisSide,
  sessions,
  run,
  ({ session, requests, accepted, open, expectedMs, actualMs }) => {
    console.error(`${session}: ${accepted} of ${requests}, ${seconds(expectedMs)} and ${seconds(actualMs)}`);
    for (const cause of open) console.error(`  ${cause}`);
  },
);
listener.close();
listener.closeAllConnections();
peerSide.close();
thisSide.close();
await Promise.all([server.close(), webhook.close()]);
rmSync(folder, { recursive: true });

const clusters = clustered(findings);
const open = clusters.filter(({ accepted }) => accepted === undefined);
for (const { cause, count, example } of open.slice(0, 200)) {
  console.log(`${count} x ${cause}\n    ${example.step.method} ${example.step.path} (${example.session})`);
}
const share = (count: number) => `${((100 * count) / Math.max(requests, 1)).toFixed(2)} %`;
console.log(
  `${requests} requests, ${equal} equal (${share(equal)}), ${accepted} equal or as meant (${share(accepted)}), ${clusters.length} causes, ${open.length} not accepted`,
);
if (values.out !== undefined) writeFileSync(values.out, JSON.stringify(clusters, undefined, 1));
if (values.record !== undefined) {
  const lines = recorded.map((session) => JSON.stringify(session));
  writeFileSync(values.record, `${lines.join('\n')}\n`);
}
process.exit(open.length === 0 ? 0 : 1);
