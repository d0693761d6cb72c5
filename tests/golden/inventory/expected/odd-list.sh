@all:
  |--@ungrouped:
exit 0
