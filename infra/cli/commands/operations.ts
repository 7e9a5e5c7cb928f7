/** `zeroplane validate|top|cost`, and the paths of what comes with the package. */

import { resolve } from 'node:path';
import { Command } from 'commander';
import type { StartOptions } from '../../local/start.ts';
import { aboveZero, orFail } from './command-line.ts';
import { startCommand, startOptions } from './server.ts';

function readStartOptions(words: readonly string[]): StartOptions {
  const command = startCommand(new Command().allowUnknownOption().allowExcessArguments().exitOverride());
  command.configureOutput({ writeErr: () => undefined });
  const { operands, unknown } = command.parseOptions([...words]);
  return startOptions(command, [...operands, ...unknown]);
}

export function operationCommands(program: Command): void {
  program
    .command('validate')
    .description(
      "Says what is wrong with flags of zeroplane start or kube-apiserver, the files they name, or a template's parameters (Name=value), before anything has them.",
    )
    .option('--tenant <name>', 'of a stack, whose files are parameters below /zeroplane/TENANT/files/')
    .option('--template <file>', 'of a stack, whose parameters the words Name=value are')
    .option('--config <folder>', 'of a stack: what the flags name as config/NAME')
    .option('--region <region>', 'of the stack (default: of the profile, or AWS_REGION)')
    .option('--profile <name>', 'AWS profile to read the parameters with')
    .allowUnknownOption()
    .allowExcessArguments()
    .action((options, command: Command) =>
      orFail(async () => {
        const { validate } = await import('../validate.ts');
        console.log(await validate({ ...options, words: command.args, readStartOptions }));
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
    .action((options) => orFail(async () => (await import('../top.ts')).top(options)));

  program
    .command('cost')
    .description('Prints what control planes cost a month on AWS, by what their clients do.')
    .option('--memory <megabytes>', 'of the functions', aboveZero, 512)
    .action(({ memory }) =>
      orFail(async () => {
        const { costTable, hostTable } = await import('../cost.ts');
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
      orFail(async () => console.log((await import('../deploy-template.ts')).deployTemplate(options))),
    );
}
