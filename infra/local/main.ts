/** The command line; what a command needs is loaded when it is called. */

import { resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { showSourcePositions } from '../../shared/util/source-positions.ts';
import { errorText } from '../cli/error-text.ts';
import { CREDENTIAL_PLUGINS } from '../cli/login/credential-plugins.ts';
import { shellWord } from './shell-word.ts';

showSourcePositions();

const collect = (value: string, earlier: string[] = []): string[] => [...earlier, value];
const list = (value: string): string[] => value.split(',');
function aboveZero(value: string): number {
  const number = Number(value);
  if (number > 0 && Number.isFinite(number)) return number;
  throw new InvalidArgumentError('It must be a number above 0.');
}

const program = new Command('zeroplane')
  .description('The Kubernetes API server, rebuilt for serverless.')
  .version(packageJson.version);

program
  .command('start')
  .description('Serves the Kubernetes API on this machine. Takes the flags of kube-apiserver as well.')
  .option('--data-dir <folder>', 'where data, certificates and kubeconfigs live', '.zeroplane')
  .option('--in-memory', 'keep no data', false)
  .option('--bind-address <address>', 'address to listen on', '127.0.0.1')
  .option('--secure-port <port>', 'port to listen on; 0 takes a free one', '6443')
  .option(
    '--write-kubeconfig <file>',
    "where to write the admin's kubeconfig (default: in the data directory)",
  )
  .option('--tenant <name>', 'a control plane to serve; may be repeated', collect)
  .option('--fleet', 'serve a fleet: a control plane for each ControlPlane object', false)
  .option('--domain <name>', 'domain below which each tenant of a fleet has a host name')
  .option(
    '--allow-addresses <CIDR>',
    'addresses that are not of the internet, which tenants of a fleet may name all the same; may be repeated',
    collect,
  )
  .option('--controllers <list>', "controllers to run: '*', names, '-name' to leave one out", list, ['*'])
  .allowUnknownOption()
  .allowExcessArguments()
  .action(async (options, command: Command) => {
    const securePort = Number(options.securePort);
    await orFail(async () => {
      const { start } = await import('./start.ts');
      await start({ ...options, securePort, serverArguments: command.args });
    });
  });

async function orFail(run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    console.error(errorText(error));
    process.exitCode = 1;
  }
}

/** Programs with flags of their own: nothing is this command line's to read. */
const PROGRAMS = {
  'kube-apiserver': [
    "The API server alone, under kube-apiserver's flags.",
    async (args: string[]) => (await import('./kube-apiserver.ts')).runKubeAPIServer(args),
  ],
  etcd: [
    "Keeps the data of `zeroplane kube-apiserver`, under etcd's flags.",
    async (args: string[]) => (await import('./etcd.ts')).runEtcd(args),
  ],
} as const;

for (const [name, [description, run]] of Object.entries(PROGRAMS)) {
  program
    .command(name)
    .description(description)
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .action((_, command: Command) => orFail(() => run(command.args)));
}

/** Options of the commands that ask a fleet's management plane. */
function fleetCommand(name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .option('-n, --namespace <name>', 'of the ControlPlane object', 'default')
    .option('--kubeconfig <file>', "the management plane's (default: as kubectl finds it)")
    .option('--context <name>', 'context of the kubeconfig')
    .option('--kubectl <program>', 'the kubectl that logs in', 'kubectl');
}

const controlPlanes = () => import('../cli/control-planes.ts');
const printExport = (path: string): void => console.log(`export KUBECONFIG=${shellWord(path)}`);
const KUBECONFIG_HELP = 'where to write its kubeconfig (default: .zeroplane/tenants/NAME.kubeconfig)';

fleetCommand('create <name>', 'Makes a control plane in a fleet, and writes its kubeconfig when it serves.')
  .option('--kubernetes-version <minor>', "the Kubernetes minor that clients see (default: the fleet's)")
  .option('--argument <--flag=value>', "a flag of kube-apiserver's; may be repeated", collect)
  .option('--admin <iam=ARN|user=NAME|group=NAME>', 'who may do everything; may be repeated', collect)
  .option('--isolation <kind>', "Shared: rows of the fleet's table; Dedicated: a table of its own")
  .option('--deletion-policy <policy>', 'Delete: the data goes with it; Retain: it stays')
  .option('--write-kubeconfig <file>', KUBECONFIG_HELP)
  .option('--timeout <seconds>', 'how long it may take', aboveZero, 60)
  .action((name: string, options) =>
    orFail(async () => printExport(await (await controlPlanes()).createControlPlane(name, options))),
  );

fleetCommand('get [name]', 'Lists the control planes of a fleet.')
  .option('-A, --all-namespaces', 'those of all namespaces')
  .action((name: string | undefined, options) =>
    orFail(async () => console.log(await (await controlPlanes()).listControlPlanes(name, options))),
  );

fleetCommand('delete <name>', 'Ends a control plane of a fleet.')
  .option('--timeout <seconds>', 'how long it may take', aboveZero, 60)
  .action((name: string, options) =>
    orFail(async () => (await controlPlanes()).deleteControlPlane(name, options)),
  );

fleetCommand(
  'kubeconfig [name]',
  'Writes the kubeconfig of a control plane: of a fleet, or of a stack on AWS.',
)
  .option('--wait <seconds>', 'of a fleet: how long to wait until it serves', aboveZero)
  .option('--tenant <name>', 'in place of a name: the tenant of a stack, to log in as an IAM identity')
  .option('--region <region>', 'of the stack (default: of the profile, or AWS_REGION)')
  .option('--profile <name>', 'of the stack: AWS profile to read it with, and to log in with')
  .option(
    '--credential-plugin <program>',
    `of the stack: what makes tokens: ${CREDENTIAL_PLUGINS.join(' or ')}, its CLI`,
    'zeroplane',
  )
  .option('--write-kubeconfig <file>', `${KUBECONFIG_HELP.slice(0, -1)}; of a stack: aws/TENANT.kubeconfig)`)
  .action((name: string | undefined, options) =>
    orFail(async () => {
      if ((name === undefined) === (options.tenant === undefined)) {
        throw new Error('name one: NAME of a fleet, or the --tenant of a stack');
      }
      if (name !== undefined) {
        printExport(await (await controlPlanes()).writeControlPlaneKubeconfig(name, options));
        return;
      }
      const { writeTenantKubeconfig } = await import('../cli/login/tenant-kubeconfig.ts');
      const program = [process.execPath, resolve(process.argv[1]!)];
      printExport(await writeTenantKubeconfig(options, program));
    }),
  );

program
  .command('token')
  .description('Prints a token by which an IAM identity logs in, for kubectl (exec credential plugin).')
  .requiredOption('--cluster-id <id>', 'what the token is for: ClusterId among the outputs of the stack')
  .option('--region <region>', 'whose STS is to confirm it (default: of the profile, or AWS_REGION)')
  .option('--profile <name>', 'AWS profile to log in with')
  .action((options) => orFail(async () => (await import('../cli/login/token.ts')).printToken(options)));

program
  .command('rotate-keys')
  .description("Gives a control plane a new key for service accounts' tokens; old tokens stay good.")
  .option('--tenant <name>', 'the control plane', 'default')
  .option('--data-dir <folder>', "of a local server's; else it is a stack on AWS")
  .option('--region <region>', 'where it is deployed (default: of the profile, or AWS_REGION)')
  .option('--profile <name>', 'AWS profile to use')
  .option('--delete <key>', 'delete this key, whose tokens have ended')
  .action((options) =>
    orFail(async () => console.log(await (await import('../cli/keys/rotate-keys.ts')).rotateKeys(options))),
  );

program
  .command('rotate-authorities')
  .description('Gives a control plane other certificate authorities; certificates of those before stay good.')
  .option('--tenant <name>', 'the control plane', 'default')
  .option('--data-dir <folder>', "of a local server's; else it is a stack on AWS")
  .option('--region <region>', 'where it is deployed (default: of the profile, or AWS_REGION)')
  .option('--profile <name>', 'AWS profile to use')
  .option('--delete <number>', 'delete these authorities, whose certificates have ended')
  .action((options) =>
    orFail(async () => {
      const { rotateAuthorities } = await import('../cli/keys/rotate-authorities.ts');
      console.log(await rotateAuthorities(options));
    }),
  );

/** Options of the commands that work on what a control plane has stored. */
function storeCommand(name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .option('--tenant <name>', 'the control plane', 'default')
    .option(
      '--data-dir <folder>',
      'data directory of a local server that is stopped (default: the table in AWS)',
    )
    .option('--fleet <name>', 'the fleet whose control plane it is')
    .option('--table <name>', "a stack's or fleet's table, where it is not the one that the stack made")
    .option('--region <region>', 'where the table is (default: of the profile, or AWS_REGION)')
    .option('--encryption-provider-config <file>', "as the control plane's flag of this name");
}

storeCommand('rotate-encryption-keys', 'Gives a control plane another key for its values at rest.')
  .option('--add', 'servers run, step 1: the file gets a key that reads')
  .option('--use', 'step 2: the key that was added last encrypts')
  .option('--rewrite', 'step 3, and after an interruption: what is under other keys is written anew')
  .option('--delete <key>', 'takes a key out of the file, if no value is under it')
  .action((options) =>
    orFail(async () => {
      const { rotateEncryptionKeys } = await import('../cli/keys/rotate-encryption-keys.ts');
      console.log(await rotateEncryptionKeys(options));
    }),
  );

storeCommand('backup', "Writes a control plane's objects to a file or to S3; requests go on meanwhile.")
  .requiredOption('--output <file|s3://bucket/prefix>', "where to; '-' is standard output")
  .option('--recipient <age1...>', 'who may read it (age); may be repeated; none: not encrypted', collect)
  .option('--events', 'events too, which live an hour')
  .action((options) => orFail(async () => (await import('../cli/backup/backup.ts')).backup(options)));

storeCommand('restore', 'Makes a control plane, whose servers are stopped, what a backup says.')
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
        console.error(await (await import('../cli/backup/backup.ts')).restore(options));
        return;
      }
      if (options.identity) throw new Error('--identity is for a backup that is encrypted');
      const { restorePointInTime } = await import('../cli/backup/point-in-time.ts');
      console.log(await restorePointInTime(options));
    }),
  );

storeCommand('import', "Fills a control plane, whose servers are stopped, with another cluster's objects.")
  .option('--kubeconfig <file>', 'take them from its API, as kubectl does')
  .option('--context <name>', 'context of the kubeconfig')
  .option('--kubectl <program>', 'the kubectl that logs in', 'kubectl')
  .option('--files <path>', "take them from a file, or a folder of them, that 'export' wrote")
  .option('--etcd-snapshot <file>', "take them from a snapshot of a kube-apiserver's etcd")
  .option('--etcd-prefix <prefix>', "that kube-apiserver's flag of this name", '/registry')
  .option('--source-encryption-provider-config <file>', "that kube-apiserver's --encryption-provider-config")
  .option('--output <file>', 'write a backup in place of a control plane')
  .action((options) =>
    orFail(async () => (await import('../cli/transfer/import.ts')).importCluster(options)),
  );

storeCommand('export', "Makes a control plane's objects anew in another cluster, or writes them to files.")
  .option('--kubeconfig <file>', 'the cluster, through its API, as kubectl does')
  .option('--context <name>', 'context of the kubeconfig')
  .option('--kubectl <program>', 'the kubectl that logs in', 'kubectl')
  .option('--output <folder>', "write files in place of a cluster, for 'kubectl apply' and 'import'")
  .option('--format <yaml|json>', 'of the files', 'yaml')
  .option('--keep-uids', "files with uids, owners, times and status, for 'import' alone")
  .option('--resource <name>', "only this resource, such as 'deployments.apps'; may be repeated", collect)
  .option('--namespace <name>', 'only what is in this namespace; may be repeated', collect)
  .action((options) =>
    orFail(async () => (await import('../cli/transfer/export.ts')).exportControlPlane(options)),
  );

storeCommand('fsck', 'Checks that what a control plane, whose servers are stopped, has stored fits together.')
  .option('--repair', 'put right what the store itself proves')
  .action((options) =>
    orFail(async () => {
      const isWell = await (await import('../cli/fsck.ts')).fsck(options);
      if (!isWell) process.exitCode = 1;
    }),
  );

program
  .command('validate')
  .description(
    'Says what is wrong with flags of kube-apiserver, and the files they name, before a server has them.',
  )
  .option('--tenant <name>', 'of a stack, whose files are parameters below /zeroplane/TENANT/files/')
  .option('--config <folder>', 'of a stack: what the flags name as config/NAME')
  .option('--region <region>', 'of the stack (default: of the profile, or AWS_REGION)')
  .option('--profile <name>', 'AWS profile to read the parameters with')
  .allowUnknownOption()
  .allowExcessArguments()
  .action((options, command: Command) =>
    orFail(async () => {
      const { validate } = await import('../cli/validate.ts');
      console.log(await validate({ ...options, serverArguments: command.args }));
    }),
  );

program
  .command('top')
  .description('Shows what a control plane is busy with; of a fleet, its control planes too.')
  .option('--kubeconfig <file>', 'default: as kubectl finds it')
  .option('--context <name>', 'context of the kubeconfig')
  .option('--kubectl <program>', 'the kubectl that logs in', 'kubectl')
  .option('--interval <seconds>', 'between two looks', aboveZero, 5)
  .option('--once', 'print one interval, and end')
  .action((options) => orFail(async () => (await import('../cli/top.ts')).top(options)));

program
  .command('cost')
  .description('Prints what control planes cost a month on AWS, by what their clients do.')
  .option('--memory <megabytes>', 'of the functions', aboveZero, 512)
  .action(({ memory }) =>
    orFail(async () => {
      const { costTable, hostTable } = await import('../cli/cost.ts');
      console.log(`${costTable({ memoryMB: memory })}\n\n${hostTable({ memoryMB: memory })}`);
    }),
  );

program
  .command('envtest-assets')
  .description('Prints the folder that KUBEBUILDER_ASSETS should name for envtest to start Zeroplane.')
  .action(() => console.log(resolve(import.meta.dirname, '../../infra/envtest')));

program
  .command('deploy-template')
  .description('Prints the path of a SAM template whose functions are built: sam deploy --template ...')
  .option('--output <folder>', 'copy template and functions there first')
  .option('--config <folder>', 'files for that copy, which flags name as config/NAME')
  .action((options) =>
    orFail(async () => console.log((await import('../cli/deploy-template.ts')).deployTemplate(options))),
  );

await program.parseAsync();
