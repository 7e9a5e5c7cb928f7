/** The command line; a command's code is loaded when it is called. */

import { Command } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { showSourcePositions } from '../../shared/util/source-positions.ts';
import { fleetCommands } from '../cli/commands/fleet.ts';
import { keyCommands } from '../cli/commands/keys.ts';
import { operationCommands } from '../cli/commands/operations.ts';
import { serverCommands } from '../cli/commands/server.ts';
import { storeCommands } from '../cli/commands/stores.ts';

showSourcePositions();

/** In the order of `--help`. */
const FAMILIES = [serverCommands, fleetCommands, keyCommands, storeCommands, operationCommands];

const program = new Command('zeroplane')
  .description('The Kubernetes API server, rebuilt for serverless.')
  .version(packageJson.version)
  // `--version` after a command belongs to the command: kube-apiserver has one of its own.
  .enablePositionalOptions();
for (const addCommands of FAMILIES) addCommands(program);
await program.parseAsync();
