#!/bin/sh
echo nojson
