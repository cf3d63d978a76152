model = nn.SyncBatchNorm.convert_sync_batchnorm(model)
# Then, in each process: DistributedDataParallel(model.cuda())
