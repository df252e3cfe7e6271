from multiprocessing import freeze_support

if __name__ == "__main__":
    freeze_support()  # first: in the built program a helper process starts here too

    from digitapp.cli import main

    raise SystemExit(main())
