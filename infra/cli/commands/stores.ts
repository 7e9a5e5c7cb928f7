/** `zeroplane backup|restore|import|export|fsck`: what a control plane has stored. */

import type { Command } from 'commander';
import { collect, orFail } from './command-line.ts';
import { storeCommand } from './store-command.ts';

export function storeCommands(program: Command): void {
  storeCommand(
    program,
    'backup',
    "Writes a control plane's objects to a file or to S3; requests go on meanwhile.",
  )
    .requiredOption('--output <file|s3://bucket/prefix>', "where to; '-' is standard output")
    .option('--recipient <age1...>', 'who may read it (age); may be repeated; none: not encrypted', collect)
    .option('--events', 'events too, which live an hour')
    .action((options) => orFail(async () => (await import('../backup/backup.ts')).backup(options)));

  storeCommand(program, 'restore', 'Makes a control plane, whose servers are stopped, what a backup says.')
    .option('--input <file|s3://bucket/prefix>', 'the backup')
    .option('--identity <file>', 'your age identities, where it is encrypted')
    .option('--resource <name>', "only this resource, such as 'deployments.apps'; may be repeated", collect)
    .option('--namespace <name>', 'only what is in this namespace; may be repeated', collect)
    .option(
      '--point-in-time <time|latest>',
      'in place of a backup: what point-in-time recovery of the table has',
    )
    .action((options) =>
      orFail(async () => {
        if ((options.input === undefined) === (options.pointInTime === undefined)) {
          throw new Error('name one: --input or --point-in-time');
        }
        if (options.pointInTime === undefined) {
          console.error(await (await import('../backup/backup.ts')).restore(options));
          return;
        }
        if (options.identity) throw new Error('--identity is for a backup that is encrypted');
        const { restorePointInTime } = await import('../backup/point-in-time.ts');
        console.log(await restorePointInTime(options));
      }),
    );

  storeCommand(
    program,
    'import',
    "Fills a control plane, whose servers are stopped, with another cluster's objects.",
  )
    .option('--kubeconfig <file>', 'take them from its API, as kubectl does')
    .option('--context <name>', 'context of the kubeconfig')
    .option('--kubectl <program>', 'the kubectl that logs in', 'kubectl')
    .option('--files <path>', "take them from a file, or a folder of them, that 'export' wrote")
    .option('--etcd-snapshot <file>', "take them from a snapshot of a kube-apiserver's etcd")
    .option('--etcd-prefix <prefix>', "that kube-apiserver's flag of this name", '/registry')
    .option(
      '--source-encryption-provider-config <file>',
      "that kube-apiserver's --encryption-provider-config",
    )
    .option('--output <file>', 'write a backup in place of a control plane')
    .action((options) => orFail(async () => (await import('../transfer/import.ts')).importCluster(options)));

  storeCommand(
    program,
    'export',
    "Makes a control plane's objects anew in another cluster, or writes them to files.",
  )
    .option('--kubeconfig <file>', 'the cluster, through its API, as kubectl does')
    .option('--context <name>', 'context of the kubeconfig')
    .option('--kubectl <program>', 'the kubectl that logs in', 'kubectl')
    .option('--output <folder>', "write files in place of a cluster, for 'kubectl apply' and 'import'")
    .option('--format <yaml|json>', 'of the files', 'yaml')
    .option('--keep-uids', "files with uids, owners, times and status, for 'import' alone")
    .option('--resource <name>', "only this resource, such as 'deployments.apps'; may be repeated", collect)
    .option('--namespace <name>', 'only what is in this namespace; may be repeated', collect)
    .action((options) =>
      orFail(async () => (await import('../transfer/export.ts')).exportControlPlane(options)),
    );

  storeCommand(
    program,
    'fsck',
    'Checks that what a control plane, whose servers are stopped, has stored fits together.',
  )
    .option('--repair', 'put right what the store itself proves')
    .action((options) =>
      orFail(async () => {
        const isWell = await (await import('../fsck.ts')).fsck(options);
        if (!isWell) process.exitCode = 1;
      }),
    );
}
