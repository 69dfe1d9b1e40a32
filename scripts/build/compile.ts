import { writeFileSync } from 'node:fs';
import { CACHE, loadProgram } from '../../src/program.ts';

// compile.ts DIRECTORY [ARGUMENT…]: runs the program in DIRECTORY, and leaves beside it what V8 made of it meanwhile.
const [directory = ''] = process.argv.splice(2, 1);
const { script, run } = loadProgram(directory);
process.on('exit', () => writeFileSync(`${directory}/${CACHE}`, script.createCachedData()));
run();
