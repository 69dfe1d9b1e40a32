#!/usr/bin/env node
// Signals first: reading the program takes longer than Node's own start.
import './signals.ts';
import { loadProgram } from './program.ts';

loadProgram(import.meta.dirname).run();
