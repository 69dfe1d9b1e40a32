#!/usr/bin/env node
// Signals first: reading the program takes longer than Node's own start.
import './signals.ts';
import { isSupportedNode, loadProgram } from './program.ts';

if (isSupportedNode()) loadProgram(import.meta.dirname).run();
