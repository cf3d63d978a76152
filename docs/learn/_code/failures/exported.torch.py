model.eval()  # before anything is exported
torch.save(model.state_dict(), "net.pt")  # parameters() lack the averages
exported = torch.export.export(model, (x,)).module()
torch.testing.assert_close(exported(x), model(x))
