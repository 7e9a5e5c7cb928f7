import type { Command } from 'commander';
import { tenantName } from './command-line.ts';

/** Options of the commands that work on a control plane's stored data. */
export function storeCommand(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .option('--tenant <name>', 'the control plane', tenantName, 'default')
    .option('--data-dir <folder>', 'data directory of a stopped local server (default: a table in AWS)')
    .option('--fleet <name>', 'fleet of the control plane', tenantName)
    .option('--table <name>', 'table, if not the one that the stack created')
    .option('--region <region>', 'Region of the table (default: AWS_REGION, or of the profile)')
    .option('--encryption-provider-config <file>', 'encryption configuration of the control plane');
}
