import type { Command } from 'commander';

/** Options of the commands that work on what a control plane has stored. */
export function storeCommand(program: Command, name: string, description: string): Command {
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
