/** `zeroplane validate|top|cost`, and the paths of files in the package. */

import { resolve } from 'node:path';
import { Command } from 'commander';
import type { StartOptions } from '../../local/start.ts';
import { aboveZero, orFail, secondsToWait, tenantName } from './command-line.ts';
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
      "Validates flags of zeroplane start or kube-apiserver with the files they name, or a template's parameters (Name=value), and prints all errors.",
    )
    .option(
      '--tenant <name>',
      'check flags of a stack, whose files are parameters below /zeroplane/TENANT/files/',
      tenantName,
    )
    .option('--template <file>', 'check parameters of a template, given as Name=value')
    .option('--config <folder>', 'folder with files that flags of a stack name as config/NAME')
    .option('--region <region>', 'Region of the stack (default: AWS_REGION, or of the profile)')
    .option('--profile <name>', 'AWS profile for reading the parameters')
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
    .description('Shows the activity of a control plane, and of the control planes of a fleet.')
    .option('--kubeconfig <file>', "kubeconfig (default: kubectl's)")
    .option('--context <name>', 'context in the kubeconfig')
    .option('--kubectl <program>', 'kubectl binary used for credentials', 'kubectl')
    .option('--interval <seconds>', 'time between updates', secondsToWait, 5)
    .option('--once', 'print one update and exit')
    .action((options) => orFail(async () => (await import('../top.ts')).top(options)));

  program
    .command('cost')
    .description('Prints the monthly cost of control planes on AWS by usage scenario.')
    .option('--memory <megabytes>', 'memory of the functions', aboveZero, 512)
    .action(({ memory }) =>
      orFail(async () => {
        const { costTable, hostTable } = await import('../cost.ts');
        console.log(`${costTable({ memoryMB: memory })}\n\n${hostTable({ memoryMB: memory })}`);
      }),
    );

  program
    .command('envtest-assets')
    .description('Prints the folder for KUBEBUILDER_ASSETS, so that envtest starts Zeroplane.')
    .action(() => console.log(resolve(import.meta.dirname, '../../infra/envtest')));

  program
    .command('deploy-template')
    .description('Prints the path of a SAM template with built functions, for sam deploy --template.')
    .option('--output <folder>', 'copy template and functions to this folder first')
    .option('--config <folder>', 'files for the copy, named by flags as config/NAME')
    .action((options) =>
      orFail(async () => console.log((await import('../deploy-template.ts')).deployTemplate(options))),
    );
}
